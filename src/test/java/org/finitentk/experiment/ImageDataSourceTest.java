package org.finitentk.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.test.Helpers;

final class ImageDataSourceTest {
    @TempDir
    private Path folder = Path.of("");

    private static List<Example<Label>> read(ImageDataSource source) {
        List<Example<Label>> examples = new ArrayList<>();
        source.iterator().forEachRemaining(examples::add);
        return examples;
    }

    private static double[] values(Example<Label> example) {
        List<Double> values = new ArrayList<>();
        for (Feature feature : example) {
            assertEquals(
                    values.size(),
                    Integer.parseInt(feature.getName()),
                    "features must come in the order of the pixels");
            values.add(feature.getValue());
        }
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private Path cifar(int records) throws IOException {
        byte[] bytes = new byte[records * 3073];
        new Random(1).nextBytes(bytes);
        for (int i = 0; i < records; i++) {
            bytes[i * 3073] = (byte) (i % 10);
        }
        return Files.write(folder.resolve("batch.bin"), bytes);
    }

    @Test
    void cifarPixelsAreNormalizedByPlane() throws IOException {
        Path file = cifar(23);
        List<Example<Label>> all = read(new CifarDataSource(file, List.of(), 0, 0, 1));
        assertEquals(23, all.size());
        assertEquals("automobile", all.get(1).getOutput().getLabel());
        byte[] bytes = Files.readAllBytes(file);
        double[] values = values(all.get(1));
        assertEquals(3072, values.length);
        assertEquals(((bytes[3073 + 1 + 5] & 0xff) / 255.0 - 0.4914) / 0.2470, values[5], 1e-12);
        assertEquals(((bytes[3073 + 1 + 1024 + 5] & 0xff) / 255.0 - 0.4822) / 0.2435, values[1029], 1e-12);
        assertEquals(((bytes[3073 + 1 + 3071] & 0xff) / 255.0 - 0.4465) / 0.2616, values[3071], 1e-12);
    }

    @Test
    void classesAndNumbersAreChosen() throws IOException {
        Path file = cifar(100);
        Map<String, Integer> counts = new TreeMap<>();
        List<Example<Label>> some = read(new CifarDataSource(file, List.of("cat", "dog"), 4, 0, 7));
        some.forEach(example -> counts.merge(example.getOutput().getLabel(), 1, Integer::sum));
        assertEquals(Map.of("cat", 4, "dog", 4), counts);
        List<double[]> more = read(new CifarDataSource(file, List.of("cat", "dog"), 6, 0, 7)).stream()
                .map(ImageDataSourceTest::values)
                .toList();
        for (Example<Label> example : some) {
            double[] own = values(example);
            assertTrue(
                    more.stream().anyMatch(other -> Arrays.equals(own, other)),
                    "fewer of a class must be some of more");
        }
        assertEquals(9, read(new CifarDataSource(file, List.of(), 0, 9, 7)).size());
        assertTrue(String.valueOf(assertThrows(
                                IllegalArgumentException.class,
                                () -> read(new CifarDataSource(file, List.of("cow"), 0, 0, 1)))
                        .getMessage())
                .contains("cow"));
    }

    private CifarDataSource configured(Path file, int skip, int maximum) throws IOException {
        Path configuration =
                Files.writeString(folder.resolve("source-" + skip + ".xml"), """
            <config>
              <component name="images" type="org.finitentk.experiment.CifarDataSource">
                <property name="path" value="%s"/>
                <property name="skip" value="%d"/>
                <property name="maximum" value="%d"/>
              </component>
            </config>
            """.formatted(file, skip, maximum));
        try (ConfigurationManager manager = new ConfigurationManager(configuration.toString())) {
            return (CifarDataSource) manager.lookup("images");
        }
    }

    @Test
    void theFirstImagesCanBeLeftForOthers() throws IOException {
        Path file = cifar(20);
        List<double[]> all = read(new CifarDataSource(file, List.of(), 0, 0, 1)).stream()
                .map(ImageDataSourceTest::values)
                .toList();
        List<Example<Label>> rest = read(configured(file, 15, 0));
        assertEquals(5, rest.size());
        assertArrayEquals(all.get(15), values(rest.get(0)));
        List<Example<Label>> middle = read(configured(file, 4, 3));
        assertEquals(3, middle.size());
        assertArrayEquals(all.get(6), values(middle.get(2)));
        assertTrue(String.valueOf(assertThrows(IllegalArgumentException.class, () -> read(configured(file, 20, 0)))
                        .getMessage())
                .contains("20 images"));
    }

    private Path idx(String name, int magic, int[] sizes, byte[] values) throws IOException {
        Path file = folder.resolve(name);
        try (DataOutputStream out = new DataOutputStream(new GZIPOutputStream(Files.newOutputStream(file)))) {
            out.writeInt(magic);
            for (int size : sizes) {
                out.writeInt(size);
            }
            out.write(values);
        }
        return file;
    }

    @Test
    void idxFilesAreReadAndDamagedOnesRefused() throws IOException {
        byte[] pixels = new byte[3 * 4];
        new Random(2).nextBytes(pixels);
        Path images = idx("images.gz", 0x803, new int[] {3, 2, 2}, pixels);
        Path labels = idx("labels.gz", 0x801, new int[] {3}, new byte[] {9, 0, 9});
        List<Example<Label>> all = read(new IdxImageDataSource(images, labels, List.of("9"), 0, 0, 1));
        assertEquals(2, all.size());
        assertEquals((pixels[8] & 0xff) / 255.0, values(all.get(1))[0], 1e-15);
        for (Path broken : List.of(
                idx("short.gz", 0x803, new int[] {3, 2, 3}, pixels),
                idx("magic.gz", 0x903, new int[] {3, 2, 2}, pixels),
                idx("huge.gz", 0x803, new int[] {1 << 20, 1 << 20, 1 << 20}, pixels),
                idx("count.gz", 0x803, new int[] {2, 2, 2}, pixels),
                folder.resolve("missing"))) {
            assertThrows(
                    UncheckedIOException.class, () -> read(new IdxImageDataSource(broken, labels, List.of(), 0, 0, 1)));
        }
    }

    @Test
    void provenanceHoldsTheHashesOfAllFiles() throws IOException {
        Path images = idx("images.gz", 0x803, new int[] {2, 1, 1}, new byte[] {1, 2});
        Path labels = idx("labels.gz", 0x801, new int[] {2}, new byte[] {0, 1});
        IdxImageDataSource source = new IdxImageDataSource(images, labels, List.of(), 0, 0, 1);
        assertTrue(source.getProvenance()
                .getInstanceValues()
                .keySet()
                .containsAll(List.of("images-resource-hash", "labels-resource-hash")));
        Helpers.testProvenanceMarshalling(new MutableDataset<>(source).getProvenance());
        CifarDataSource cifar = new CifarDataSource(cifar(10), List.of("cat"), 1, 0, 3);
        Helpers.testProvenanceMarshalling(new MutableDataset<>(cifar).getProvenance());
    }
}
