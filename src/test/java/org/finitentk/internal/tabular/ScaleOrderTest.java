package org.finitentk.internal.tabular;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import java.util.stream.IntStream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.internal.onnx.InputScales;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.Tensor;
import org.finitentk.table.TableDataSource;
import org.finitentk.testing.LogLines;
import org.finitentk.testing.WrittenNetwork;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.MutableDataset;

/** Columns of different units, all in other places than those of a network that has their scaler inside. */
@NullUnmarked
final class ScaleOrderTest {
    private static final int COLUMNS = 12;
    private static final int ROWS = 200;
    private static final String BODY =
            "w[12,6]; v[6,1]; h = MatMul(z, w); g = Mul(h, small); t = Tanh(g); y = MatMul(t, v);";

    @TempDir
    private Path folder = Path.of("");

    private static String numbers(double[] values) {
        StringBuilder text = new StringBuilder();
        for (double value : values) {
            text.append(' ').append((float) value);
        }
        return text.substring(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itIsFoundByTheScaler(boolean isNoise) throws IOException {
        Random random = new Random(4);
        double[] mean = new double[COLUMNS];
        double[] deviation = new double[COLUMNS];
        for (int j = 0; j < COLUMNS; j++) {
            deviation[j] = Math.pow(10, 5 * random.nextDouble() - 2);
            mean[j] = Math.pow(10, 5 * random.nextDouble() - 2) * random.nextGaussian();
        }
        byte[] file = WrittenNetwork.bytes("input x[12]; m[12] = " + numbers(mean) + "; s[12] = " + numbers(deviation)
                + "; small[1] = 0.6; c = Sub(x, m); z = Div(c, s); " + BODY);
        Path network = Files.write(folder.resolve("network.onnx"), file);
        float[] x = new float[ROWS * COLUMNS];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) (mean[i % COLUMNS] + deviation[i % COLUMNS] * random.nextGaussian());
        }
        List<String> trained = IntStream.range(0, COLUMNS)
                .mapToObj(j -> "c" + (char) ('a' + j))
                .toList();
        StringBuilder text = new StringBuilder(String.join(",", trained) + ",target\n");
        double[] f = outputs(network, x);
        for (int i = 0; i < ROWS; i++) {
            for (int j = 0; j < COLUMNS; j++) {
                text.append(x[i * COLUMNS + j]).append(',');
            }
            text.append(isNoise ? random.nextGaussian() : f[i]).append('\n');
        }
        Path table = Files.writeString(folder.resolve("table.csv"), text);
        List<String> given = new ArrayList<>(trained);
        Collections.shuffle(given, random);
        List<String> warnings = warnings(network, table, trained, given);
        assertEquals(1, warnings.size(), warnings::toString);
        assertEquals(
                !isNoise,
                warnings.get(0).contains("--features " + String.join(",", trained) + " "),
                warnings::toString);
        assertEquals(!isNoise, warnings.get(0).contains("--features"), warnings::toString);
    }

    private static double[] outputs(Path file, float[] x) {
        try (LinearizedNetwork network = new OnnxBackbone(file).open()) {
            return network.forward(Examples.of("x", Tensor.ofFloats(x, ROWS, COLUMNS)));
        }
    }

    private static List<String> warnings(Path network, Path table, List<String> columns, List<String> given) {
        OnnxBackbone backbone = OnnxBackbone.builder(network).features(given).build();
        try (LogLines log = new LogLines(NetworkAlone.class)) {
            new NetworkAlone(backbone, given, NetworkAlone.OPTION, given, List.of("target"))
                    .of(
                            new MutableDataset<>(TableDataSource.regression(table, columns, List.of("target"))),
                            ProgressListener.NONE);
            return log.of(Level.WARNING);
        }
    }

    /** The search starts with every column at its place, by its mean and deviation alone. */
    @Test
    void everyColumnIsWhereItIsExpected() {
        Random random = new Random(8);
        double[] factor = new double[COLUMNS];
        double[] offset = new double[COLUMNS];
        List<Integer> place = new ArrayList<>();
        for (int j = 0; j < COLUMNS; j++) {
            factor[j] = Math.pow(10, 5 * random.nextDouble() - 2) * (j % 3 == 0 ? -1 : 1);
            offset[j] = 10 * random.nextGaussian();
            place.add(j);
        }
        Collections.shuffle(place, random);
        double[] x = new double[ROWS * COLUMNS];
        for (int i = 0; i < x.length; i++) {
            int input = place.get(i % COLUMNS);
            x[i] = (random.nextGaussian() - offset[input]) / factor[input];
        }
        int[] found = ScaleOrder.of(new InputScales(factor, offset), x);
        assertNotNull(found);
        for (int input = 0; input < COLUMNS; input++) {
            assertEquals(input, place.get(found[input]));
        }
        // A constant column has no deviation.
        for (int i = 0; i < x.length; i += COLUMNS) {
            x[i] = 1;
        }
        assertNull(ScaleOrder.of(new InputScales(factor, offset), x));
    }

    private static InputScales scales(String text) {
        return InputScales.of(
                WrittenNetwork.of("input x[2]; m[2] = 3 5; s[2] = 2 4; one[1] = 2; w[2,3] = 3 0 4 0 1 0; "
                        + "v[3,2] = 3 0 4 0 0 1; " + text),
                2);
    }

    private static void assertScales(String text, double[] factor, double[] offset) {
        InputScales found = scales(text);
        assertNotNull(found);
        assertArrayEquals(factor, found.factor(), 1e-6);
        if (offset == null) {
            assertNull(found.offset());
        } else {
            assertArrayEquals(offset, found.offset(), 1e-6);
        }
    }

    @Test
    void scalersAndFirstLayersSayTheirScales() {
        double[] offset = {-1.5, -1.25};
        assertScales("c = Sub(x, m); z = Div(c, s); y = MatMul(z, w);", new double[] {0.5, 0.25}, offset);
        assertScales("c = Mul(x, s); d = Add(m, c); y = Tanh(d);", new double[] {2, 4}, new double[] {3, 5});
        assertScales("c = Sub(m, x); z = Mul(c, s); y = MatMul(z, w);", new double[] {-2, -4}, new double[] {6, 20});
        assertScales("y = MatMul(x, w);", new double[] {5, 1}, null);
        assertScales("i = Identity(x); y = Gemm(i, v) transB=1;", new double[] {5, 1}, null);
        // The same for all, a quotient that is not linear, and an input that is used twice, say nothing.
        assertNull(scales("z = Mul(x, one); y = Tanh(z);"));
        assertNull(scales("z = Div(s, x); y = Tanh(z);"));
        assertNull(scales("z = Tanh(x); y = Add(z, x);"));
    }
}
