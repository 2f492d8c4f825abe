package org.finitentk.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.ConfigurationData;
import com.oracle.labs.mlrg.olcut.config.property.ListProperty;
import com.oracle.labs.mlrg.olcut.config.property.MapProperty;
import com.oracle.labs.mlrg.olcut.config.property.Property;
import com.oracle.labs.mlrg.olcut.config.property.SimpleProperty;
import com.oracle.labs.mlrg.olcut.provenance.primitives.URLProvenance;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.finitentk.network.ProgressListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.baseline.DummyClassifierTrainer;
import org.tribuo.data.text.impl.BasicPipeline;
import org.tribuo.data.text.impl.SimpleTextDataSource;
import org.tribuo.data.text.impl.TextFeatureExtractorImpl;
import org.tribuo.datasource.LibSVMDataSource;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.baseline.DummyRegressionTrainer;
import org.tribuo.util.tokens.impl.wordpiece.Wordpiece;
import org.tribuo.util.tokens.impl.wordpiece.WordpieceBasicTokenizer;
import org.tribuo.util.tokens.impl.wordpiece.WordpieceTokenizer;

/** A provenance does not choose what this process connects to: somebody listens, and must hear nothing. */
final class ListenerTest {
    private static final String KIND = "com.oracle.labs.mlrg.olcut.provenance.primitives.";

    @TempDir
    Path folder = Path.of("");

    private ServerSocket listener = unbound();
    private final AtomicInteger connections = new AtomicInteger();

    private static ServerSocket unbound() {
        try {
            return new ServerSocket();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ServerSocket own = listener;
        Thread thread = new Thread(() -> accept(own), "listener");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept(ServerSocket own) {
        while (!own.isClosed()) {
            try (Socket socket = own.accept()) {
                connections.incrementAndGet();
                socket.getOutputStream()
                        .write("HTTP/1.0 404 Not Found\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            } catch (SocketException e) {
                return;
            } catch (IOException e) {
                connections.incrementAndGet();
            }
        }
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    private List<String> remote() {
        String there = "//127.0.0.1:" + listener.getLocalPort() + "/x";
        return List.of(
                "http:" + there,
                "HTTP:" + there,
                " http:" + there,
                "url:http:" + there,
                "https:" + there,
                "ftp:" + there,
                "jar:http:" + there + ".jar!/y",
                "jar:url:http:" + there + ".jar!/y",
                "jar:file:" + there + ".jar!/y",
                "file:" + there,
                "file:/" + "/" + there,
                "\\\\127.0.0.1\\share\\x",
                "//127.0.0.1/share/x",
                "http:/127.0.0.1/x");
    }

    /** A URL that a class has for its data. */
    private Model<?> urlData() throws IOException {
        Path file = folder.resolve("data.libsvm");
        Files.writeString(file, "1.5 1:2 2:1\n2.5 1:1 2:3\n");
        URL url = file.toUri().toURL();
        return DummyRegressionTrainer.createMeanTrainer()
                .train(new MutableDataset<>(new LibSVMDataSource<>(url, new RegressionFactory())));
    }

    /** A text that a class opens as a file or URL. */
    private Model<?> textData() throws IOException {
        Path vocabulary = folder.resolve("vocabulary.txt");
        Files.writeString(vocabulary, "[UNK]\na\nb\n");
        Path file = folder.resolve("data.txt");
        Files.writeString(file, "yes ## a b\nno ## b b\n");
        WordpieceTokenizer tokens = new WordpieceTokenizer(
                new Wordpiece(vocabulary.toString()), new WordpieceBasicTokenizer(), true, true, java.util.Set.of());
        return DummyClassifierTrainer.createMostFrequentTrainer()
                .train(new MutableDataset<>(new SimpleTextDataSource<>(
                        file, new LabelFactory(), new TextFeatureExtractorImpl<>(new BasicPipeline(tokens, 1)))));
    }

    @TestFactory
    Stream<DynamicTest> noProvenanceIsFollowed() throws IOException {
        Path url = folder.resolve("url.json");
        ProvenanceFile.write(urlData(), url);
        Path text = folder.resolve("text.json");
        ProvenanceFile.write(textData(), text);
        assertTrue(Reproduction.read(url).reproduce(ProgressListener.NONE).identical());
        assertTrue(Reproduction.read(text).reproduce(ProgressListener.NONE).identical());
        return Stream.of(url, text)
                .flatMap(file -> Stream.of("URLProvenance", "StringProvenance", "FileProvenance")
                        .flatMap(kind -> remote().stream()
                                .map(there -> DynamicTest.dynamicTest(
                                        file.getFileName() + " " + kind + " " + there,
                                        () -> assertRefused(file, kind, there)))));
    }

    private void assertRefused(Path file, String kind, String there) throws IOException {
        String recorded = Files.readString(file);
        String value =
                "\"value\" : \"[^\"]*(?:data\\.libsvm|vocabulary\\.txt)\",(\\s*)\"provenance-class\" : \"[^\"]*\"";
        String changed = recorded.replaceAll(
                value,
                "\"value\" : \"" + java.util.regex.Matcher.quoteReplacement(there.replace("\\", "\\\\"))
                        + "\",$1\"provenance-class\" : \"" + KIND + kind + "\"");
        assertFalse(recorded.equals(changed), recorded);
        Path hostile = folder.resolve("hostile.json");
        Files.writeString(hostile, changed);
        NotReproducibleException e = assertThrows(
                NotReproducibleException.class, () -> Reproduction.read(hostile).reproduce(ProgressListener.NONE));
        assertEquals(1, String.valueOf(e.getMessage()).lines().count());
        // A FileProvenance makes a path on this machine of it: //host/x is the file /host/x.
        if (!kind.equals("FileProvenance")) {
            assertTrue(
                    String.valueOf(e.getMessage()).contains("only local files are read")
                            || String.valueOf(e.getMessage()).contains("not a provenance"),
                    e.getMessage());
        }
        assertEquals(0, connections.get());
    }

    @TestFactory
    Stream<DynamicTest> settingsOfEveryKindAreLookedAt() {
        return remote().stream()
                .map(there -> DynamicTest.dynamicTest(there, () -> {
                    SimpleProperty value = new SimpleProperty(there);
                    for (Property property : List.of(
                            value,
                            new ListProperty(List.of(new SimpleProperty("a"), value)),
                            new MapProperty(Map.of("a", value)),
                            new MapProperty(Map.of(there, new SimpleProperty("a"))))) {
                        ConfigurationData data = new ConfigurationData(
                                "x", "org.example.Class", Map.of("fine", new SimpleProperty("b"), "setting", property));
                        NotReproducibleException e =
                                assertThrows(NotReproducibleException.class, () -> LocalValues.require(data));
                        assertEquals(
                                "the provenance of org.example.Class names " + there + "; only local files are read",
                                e.getMessage());
                    }
                }));
    }

    @Test
    void whatIsHereMayBeRead() {
        for (String here : List.of(
                "/data/table.csv",
                "data/table.csv",
                "file:/data/table.csv",
                "file:///data/table.csv",
                "jar:file:/data/x.jar!/table.csv",
                "C:\\data\\table.csv",
                "C:/data",
                "a:b",
                "x",
                "",
                "^(?:a|b)$",
                "see https://example.org",
                "/")) {
            LocalValues.require(
                    new ConfigurationData("x", "org.example.Class", Map.of("setting", new SimpleProperty(here))));
        }
    }

    /** Java's own properties include URLs. */
    @Test
    void propertiesOfTheMachineAreNotPutIn() {
        ConfigurationData data = new ConfigurationData(
                "x", "org.example.Class", Map.of("setting", new SimpleProperty("${java.vendor.url}")));
        assertTrue(String.valueOf(assertThrows(NotReproducibleException.class, () -> LocalValues.require(data))
                        .getMessage())
                .contains("refers to a property of this machine"));
    }

    /** As a model's provenance is, which is read by Tribuo. */
    @Test
    void findingsAreLookedAtToo() throws IOException {
        URL there = new URL("http://127.0.0.1:" + listener.getLocalPort() + "/x");
        Model<?> model = urlData();
        Path file = folder.resolve("model.pb");
        Model<?> hostile = DummyRegressionTrainer.createMeanTrainer()
                .train(
                        new MutableDataset<>(new LibSVMDataSource<>(
                                folder.resolve("data.libsvm").toUri().toURL(), new RegressionFactory())),
                        Map.of("note", new URLProvenance("note", there)));
        hostile.serializeToFile(file);
        assertThrows(
                NotReproducibleException.class, () -> Reproduction.read(file).reproduce(ProgressListener.NONE));
        assertEquals(0, connections.get());
        assertEquals(0, model.getProvenance().getInstanceProvenance().getMap().size());
    }
}
