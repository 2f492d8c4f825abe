package org.finitentk.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.provenance.primitives.URLProvenance;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.net.InetAddress;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.finitentk.stored.StoredModels;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Model;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.transform.transformations.SimpleTransform;

/** Files of Java serialization that keep whoever reads them busy, or make him ask the network. */
final class SerializedModelTest {
    @TempDir
    Path folder = Path.of("");

    private record Hostile(String name, Object object, String refusal) {}

    /** The well-known one: hashing the outermost visits 2^100 sets. */
    private static Object sets() {
        Set<Object> root = new HashSet<>();
        Set<Object> first = root;
        Set<Object> second = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            Set<Object> left = new HashSet<>();
            Set<Object> right = new HashSet<>();
            left.add("one of the two is different");
            first.add(left);
            first.add(right);
            second.add(left);
            second.add(right);
            first = left;
            second = right;
        }
        return root;
    }

    private static List<Object> lists(int depth) {
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            List<Object> outer = new ArrayList<>();
            outer.add(list);
            outer.add(list);
            list = outer;
        }
        return list;
    }

    /**
     * Keys that would take for ever to hash cannot be put into a table by hashing them: the entry's key grows
     * afterwards.
     */
    private static Object tableOf(List<Object> key) {
        Map<Object, Object> table = new HashMap<>();
        List<Object> grown = new ArrayList<>();
        table.put(grown, "value");
        grown.addAll(key);
        return table;
    }

    private static Object deep() {
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            List<Object> outer = new ArrayList<>();
            outer.add(list);
            list = outer;
        }
        return list;
    }

    private static Object hosts() throws IOException {
        Map<Object, Object> table = new HashMap<>();
        table.put(new URL("http://127.0.0.1/x"), "value");
        return table;
    }

    private static Object provenances() throws IOException {
        return new LinkedHashSet<>(List.of(new URLProvenance("key", new URL("http://127.0.0.1/x"))));
    }

    @TestFactory
    Stream<DynamicTest> bombsAreRefusedAtOnce() throws IOException {
        return Stream.of(
                        new Hostile("sets", sets(), "has a key or element of the class java.util.HashSet"),
                        new Hostile(
                                "lists as a key",
                                tableOf(lists(60)),
                                "has a key or element of the class java.util.ArrayList"),
                        new Hostile(
                                "hidden below",
                                new ArrayList<>(List.of(new TreeMap<>(Map.of("a", tableOf(lists(60)))))),
                                "has a key or element of the class java.util.ArrayList"),
                        new Hostile("depth", deep(), "deep inside each other"),
                        new Hostile("URL as a key", hosts(), "has a key or element of the class java.net.URL"),
                        new Hostile(
                                "URL in an element",
                                provenances(),
                                "has a key or element of the class "
                                        + "com.oracle.labs.mlrg.olcut.provenance.primitives.URLProvenance"),
                        new Hostile("address", InetAddress.getLoopbackAddress(), "not admitted"),
                        new Hostile(
                                "function",
                                SimpleTransform.mul(2),
                                "as functions have that were written as lambdas (Tribuo's SimpleTransform), which are "
                                        + "not run from files; store the model in Tribuo's protobuf form"),
                        new Hostile("another object", "text", "holds another object"),
                        new Hostile("another class", new Throwable(), "not admitted"))
                .map(hostile -> DynamicTest.dynamicTest(hostile.name(), () -> {
                    Path file = folder.resolve("model.ser");
                    write(hostile.object(), file);
                    NotReproducibleException e = assertTimeoutPreemptively(
                            Duration.ofSeconds(20),
                            () -> assertThrows(NotReproducibleException.class, () -> Reproduction.read(file)));
                    assertTrue(String.valueOf(e.getMessage()).contains(hostile.refusal()), e.getMessage());
                    assertEquals(1, String.valueOf(e.getMessage()).lines().count());
                }));
    }

    /** What is deep takes more stack to write than a test's thread has. */
    private static void write(Object object, Path file) throws Exception {
        FutureTask<@Nullable Object> writing = new FutureTask<>(() -> {
            try (ObjectOutputStream out = new ObjectOutputStream(Files.newOutputStream(file))) {
                out.writeObject(object);
            }
            return null;
        });
        new Thread(null, writing, "writer", 256L << 20).start();
        writing.get();
    }

    @Test
    void lengthsThatTheFileDoesNotHaveAreRefused() throws IOException {
        Path file = folder.resolve("model.ser");
        try (ObjectOutputStream out = new ObjectOutputStream(Files.newOutputStream(file))) {
            out.writeObject(new double[8]);
        }
        byte[] bytes = Files.readAllBytes(file);
        int length = bytes.length - 8 * 8 - 4;
        bytes[length] = 0x7f;
        Files.write(file, bytes);
        assertTrue(String.valueOf(assertThrows(NotReproducibleException.class, () -> Reproduction.read(file))
                        .getMessage())
                .contains("is damaged or holds no Tribuo model"));
    }

    @Test
    void modelsOfEveryKindPass() throws IOException {
        for (Path version : StoredModels.versions()) {
            for (Path zip : StoredModels.models(version)) {
                Model<?> model = ModelFile.read(StoredModels.unpack(zip, "model.ser", folder));
                ModelProvenance recorded = ProvenanceFile.read(StoredModels.unpack(zip, "provenance.json", folder));
                assertEquals(StoredModels.text(version, recorded), StoredModels.text(version, model.getProvenance()));
            }
        }
    }
}
