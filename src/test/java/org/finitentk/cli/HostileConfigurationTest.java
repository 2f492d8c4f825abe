package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.PrintStream;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations that open what they should not: files, hosts, serialized objects. */
final class HostileConfigurationTest {
    private static final String SENTINEL = "org.finitentk.cli.HostileConfigurationTest";

    @TempDir
    Path folder = Path.of("");

    private final AtomicInteger connections = new AtomicInteger();
    private AutoCloseable listener = () -> {};
    private int port;

    /** Runs code when it is read. */
    static final class Trap implements Serializable {
        private static final long serialVersionUID = 1L;

        private Object readResolve() {
            System.setProperty(SENTINEL, "read");
            return this;
        }
    }

    @BeforeEach
    void listen() throws IOException {
        ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        port = socket.getLocalPort();
        listener = socket;
        Thread thread = new Thread(
                () -> {
                    while (!socket.isClosed()) {
                        try (Socket connection = socket.accept()) {
                            connections.incrementAndGet();
                            connection
                                    .getOutputStream()
                                    .write("HTTP/1.0 404 Not Found\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                        } catch (IOException e) {
                            return;
                        }
                    }
                },
                "listener");
        thread.setDaemon(true);
        thread.start();
    }

    @AfterEach
    void close() throws Exception {
        listener.close();
    }

    private void assertRefused(String command, String file, String text, String sentence) throws IOException {
        Path config = folder.resolve(file);
        Files.writeString(config, text);
        assertRefused(command, config, sentence);
    }

    private void assertRefused(String command, Path config, String sentence) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                new String[] {command, config.toString()},
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        String message = err.toString(StandardCharsets.UTF_8);
        assertEquals(1, code, message);
        assertTrue(message.startsWith("error: ") && message.contains(sentence), message);
        assertEquals(1, message.lines().count(), message);
        assertFalse(message.contains("secret"), message);
        assertEquals(0, connections.get());
    }

    private static String document(String type, String value) {
        return "<?xml version=\"1.0\"?>\n" + type
                + "\n<config><component name=\"x\" "
                + "type=\"org.finitentk.experiment.SinusoidExperiment\"><property name=\"output\" value=\""
                + value + "\"/></component></config>\n";
    }

    @Test
    void documentTypesAreRefused() throws IOException {
        Path secret = folder.resolve("secret.txt");
        Files.writeString(secret, "a secret");
        String remote = "http://127.0.0.1:" + port + "/x.dtd";
        String sentence =
                "line 2, there is a document type (DOCTYPE), which can name files and hosts to open; remove it";
        for (String command : new String[] {"run"}) {
            assertRefused(command, "a.xml", document("<!DOCTYPE config SYSTEM \"" + remote + "\">", "y"), sentence);
            assertRefused(
                    command,
                    "b.xml",
                    document("<!DOCTYPE config [<!ENTITY % all SYSTEM \"" + remote + "\"> %all;]>", "y"),
                    sentence);
            assertRefused(
                    command,
                    "c.xml",
                    document("<!DOCTYPE config [<!ENTITY all SYSTEM \"" + secret.toUri() + "\">]>", "&amp;all;")
                            .replace("&amp;", "&"),
                    sentence);
            assertRefused(
                    command,
                    "d.xml",
                    document(
                            "<!DOCTYPE config [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;"
                                    + "&a;&a;&a;\">]>",
                            "y"),
                    sentence);
        }
    }

    @Test
    void reproduceDoesNotParseThem() throws IOException {
        assertRefused(
                "reproduce",
                "a.xml",
                document("<!DOCTYPE config SYSTEM \"http://127.0.0.1:" + port + "/x.dtd\">", "y"),
                "holds no Tribuo model");
    }

    @Test
    void includedFilesAreLookedAtToo() throws IOException {
        Files.writeString(
                folder.resolve("inner.xml"),
                document("<!DOCTYPE config SYSTEM \"http://127.0.0.1:" + port + "/x.dtd\">", "y"));
        assertRefused(
                "run",
                "outer.xml",
                "<config><file name=\"inner\" value=\"inner.xml\"/></config>",
                "there is a document type");
        assertRefused(
                "run",
                "outer.json",
                "{\"config\": {\"config-files\": [{\"name\": \"inner\", \"value\": \"inner.xml\"}]}}",
                "there is a document type");
    }

    @Test
    void serializedObjectsAreRefused() throws IOException {
        Path trap = folder.resolve("trap.ser");
        try (ObjectOutputStream out = new ObjectOutputStream(Files.newOutputStream(trap))) {
            out.writeObject(new Trap());
        }
        assertRefused(
                "run",
                "a.xml",
                "<config><serialized name=\"x\" type=\"org.finitentk.cli.HostileConfigurationTest$Trap\" location=\""
                        + trap + "\"/></config>",
                "'x' is an object of Java serialization");
        assertRefused(
                "run",
                "b.xml",
                "<config><component name=\"x\" type=\"org.finitentk.experiment.SinusoidExperiment\" "
                        + "serialized=\"http://127.0.0.1:" + port + "/x\"/></config>",
                "component 'x' has a serialized form");
        assertEquals(null, System.getProperty(SENTINEL));
    }

    /** Such as a recorded provenance: OLCUT's readers end with whatever exception they meet. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "[{\"map\":{}}]",
                "{}",
                "{\"config\":1}",
                "{\"config\":[]}",
                "{\"config\":{\"components\":1}}",
                "{\"config\":{\"components\":[1]}}",
                "{\"config\":{\"components\":[{\"name\":1,\"type\":2}]}}",
                "{\"config\":{\"components\":[{\"name\":null,\"type\":null}]}}",
                "{\"config\":{\"global-properties\":[]}}",
            })
    void whatIsNoConfigurationIsSaidToBeNone(String text) throws IOException {
        assertRefused("run", "any.json", text, "any.json' is no configuration of OLCUT");
    }
}
