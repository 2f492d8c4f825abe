package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.finitentk.check.RandomExamples;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Forms of Attention, which is written in other operators when a file is read: heads, masks, order, lengths. */
final class AttentionFormsTest {
    private final List<DynamicTest> rows = new ArrayList<>();

    /** Queries, keys and values of 5 and 4 positions. */
    private static FileModel projections(boolean fourAxes, int queryHeads, int keyHeads) {
        return projections(23, fourAxes, queryHeads, keyHeads);
    }

    private static FileModel projections(long opset, boolean fourAxes, int queryHeads, int keyHeads) {
        FileModel file = FileModel.of(opset)
                .in("x", "N", "5", "6")
                .in("m", "N", "4", "6")
                .weights("wq", 6, 4L * queryHeads)
                .weights("wk", 6, 4L * keyHeads)
                .weights("wv", 6, 3L * keyHeads);
        String end = fourAxes ? "3" : "";
        file.node("MatMul", "q" + end, "x,wq").node("MatMul", "k" + end, "m,wk").node("MatMul", "v" + end, "m,wv");
        if (fourAxes) {
            file.longs("qs", 0, 0, queryHeads, 4).longs("ks", 0, 0, keyHeads, 4).longs("vs", 0, 0, keyHeads, 3);
            for (String name : List.of("q", "k", "v")) {
                file.node("Reshape", name + "r", name + "3," + name + "s")
                        .node("Transpose", name, name + "r", "perm", new long[] {0, 2, 1, 3});
            }
        }
        return file;
    }

    private static FileModel attended(FileModel file, boolean fourAxes, int heads, Object... attributes) {
        return attended(file, fourAxes, heads, "q,k,v", attributes);
    }

    private static FileModel attended(
            FileModel file, boolean fourAxes, int heads, String inputs, Object... attributes) {
        file.node("Attention", inputs.contains("past") ? "a,present,presentv" : "a", inputs, attributes);
        String last = "a";
        if (fourAxes) {
            file.node("Transpose", "at", "a", "perm", new long[] {0, 2, 1, 3})
                    .longs("flat", 0, 0, 3L * heads)
                    .node("Reshape", "af", "at,flat");
            last = "af";
        }
        return file.weights("o", 3L * heads, 2)
                .node("MatMul", "p", last + ",o")
                .longs("one", 1)
                .node("ReduceMean", "y", "p,one", "keepdims", 0)
                .out("y", "N", "2");
    }

    private void attention(String name, FileModel file) {
        rows.add(DynamicTest.dynamicTest(
                name, () -> assertEquals(List.of("wq", "wk", "wv", "o"), FileChecker.check(file.bytes()))));
    }

    @TestFactory
    Stream<DynamicTest> attention() {
        for (boolean four : new boolean[] {true, false}) {
            String axes = four ? ", four axes" : ", three axes";
            Object[] heads = four ? new Object[0] : new Object[] {"q_num_heads", 2, "kv_num_heads", 2};
            Object[] grouped = four ? new Object[0] : new Object[] {"q_num_heads", 4, "kv_num_heads", 2};
            attention("plain" + axes, attended(projections(four, 2, 2), four, 2, heads));
            attention("grouped heads" + axes, attended(projections(four, 4, 2), four, 4, grouped));
            attention("causal" + axes, attended(projections(four, 2, 2), four, 2, with(heads, "is_causal", 1)));
            attention("scale" + axes, attended(projections(four, 2, 2), four, 2, with(heads, "scale", 0.7f)));
            attention("softcap" + axes, attended(projections(four, 2, 2), four, 2, with(heads, "softcap", 0.8f)));
            for (long[] shape : new long[][] {{5, 4}, {1, 2, 5, 4}}) {
                attention(
                        "mask of " + shape.length + " axes added" + axes,
                        attended(projections(four, 2, 2).constant("mask", mask(shape)), four, 2, "q,k,v,mask", heads));
            }
            attention(
                    "truth mask, grouped, causal, softcap" + axes,
                    attended(
                            projections(four, 4, 2).constant("mask", truths(5, 4)),
                            four,
                            4,
                            "q,k,v,mask",
                            with(with(grouped, "is_causal", 1), "softcap", 1.5f)));
        }
        return rows.stream();
    }

    private static Object[] with(Object[] attributes, String key, Object value) {
        List<Object> all = new ArrayList<>(List.of(attributes));
        all.add(key);
        all.add(value);
        return all.toArray();
    }

    private static Tensor mask(long... shape) {
        float[] values = new float[(int) Tensor.count(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 3 == 1 ? Float.NEGATIVE_INFINITY : 0.1f * i;
        }
        return Tensor.ofFloats(values, shape);
    }

    private static Tensor truths(int queries, int keys) {
        byte[] values = new byte[queries * keys];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (i % keys == 0 || i % 3 != 1 ? 1 : 0);
        }
        return new Tensor(ElementType.BOOL, new long[] {queries, keys}, java.nio.ByteBuffer.wrap(values));
    }

    @TestFactory
    Stream<DynamicTest> earlierKeysAndLengths() {
        for (boolean four : new boolean[] {true, false}) {
            String axes = four ? ", four axes" : ", three axes";
            Object[] heads = four ? new Object[0] : new Object[] {"q_num_heads", 2, "kv_num_heads", 2};
            Object[] causal = with(heads, "is_causal", 1);
            attention("earlier keys" + axes, attended(past(four), four, 2, "q,k,v,,past,pastv", heads));
            attention("earlier keys, causal" + axes, attended(past(four), four, 2, "q,k,v,,past,pastv", causal));
            attention(
                    "earlier keys, mask" + axes,
                    attended(past(four).constant("mask", truths(5, 7)), four, 2, "q,k,v,mask,past,pastv", heads));
            for (long from : new long[] {0, 3}) {
                for (Object[] order : new Object[][] {heads, causal}) {
                    FileModel lengths = projections(24, four, 2, 2)
                            .in("some", ElementType.INT64, "N")
                            .longs("from", from)
                            .node("Add", "lengths", "some,from");
                    attention(
                            "lengths from " + from + ", attributes " + order.length + axes,
                            attended(lengths, four, 2, "q,k,v,,,,lengths", order));
                }
            }
        }
        return rows.stream();
    }

    private static FileModel past(boolean four) {
        return projections(four, 2, 2).in("past", "N", "2", "3", "4").in("pastv", "N", "2", "3", "3");
    }

    /** ONNX Runtime and the standard give a query without a key zeros; the largest negative float hides too. */
    @TestFactory
    Stream<DynamicTest> queriesThatSeeNoKey() {
        for (double hidden : new double[] {Double.NEGATIVE_INFINITY, -Float.MAX_VALUE}) {
            attention(
                    "added " + hidden,
                    attended(projections(true, 2, 2).constant("mask", hiding(2, hidden)), true, 2, "q,k,v,mask"));
        }
        FileModel truth = projections(true, 2, 2)
                .constant("numbers", hiding(2, -1))
                .constant("zero", Tensor.ofFloats(new float[1]))
                .node("GreaterOrEqual", "mask", "numbers,zero");
        attention("truths", attended(truth, true, 2, "q,k,v,mask"));
        attention(
                "causal, the first key hidden",
                attended(
                        projections(true, 2, 2).constant("mask", hiding(0, Double.NEGATIVE_INFINITY)),
                        true,
                        2,
                        "q,k,v,mask",
                        "is_causal",
                        1));
        return rows.stream();
    }

    /** Zeros for 5 queries and 4 keys, but for one query. */
    private static Tensor hiding(int query, double hidden) {
        float[] values = new float[20];
        java.util.Arrays.fill(values, 4 * query, 4 * query + 4, (float) hidden);
        return Tensor.ofFloats(values, 5, 4);
    }

    /** What ONNX Runtime does not run yet: the same network with a whole mask that says the same has the same f. */
    @Test
    void windowsAndShortMasks() {
        for (int left = -1; left < 3; left++) {
            for (int right = -1; right < 3; right++) {
                for (int causal = 0; causal < 2; causal++) {
                    Object[] given = {"left_window_size", left, "right_window_size", right, "is_causal", causal};
                    float[] mask = new float[20];
                    for (int i = 0; i < 20; i++) {
                        int q = i / 4;
                        int k = i % 4;
                        boolean seen =
                                (left < 0 || k >= q - left) && (right < 0 || k <= q + right) && (causal == 0 || k <= q);
                        mask[i] = seen ? 0 : Float.NEGATIVE_INFINITY;
                    }
                    same(
                            attended(projections(25, true, 2, 2), true, 2, given),
                            attended(
                                    projections(true, 2, 2).constant("mask", Tensor.ofFloats(mask, 5, 4)),
                                    true,
                                    2,
                                    "q,k,v,mask"));
                }
            }
        }
        float[] row = {0.3f, Float.NEGATIVE_INFINITY, 0, -0.7f};
        float[] rows = new float[20];
        for (int i = 0; i < 20; i++) {
            rows[i] = row[i % 4];
        }
        same(
                attended(projections(true, 2, 2).constant("mask", Tensor.ofFloats(row, 4)), true, 2, "q,k,v,mask"),
                attended(projections(true, 2, 2).constant("mask", Tensor.ofFloats(rows, 5, 4)), true, 2, "q,k,v,mask"));
        float[] three = new float[15];
        float[] four = new float[20];
        for (int i = 0; i < 20; i++) {
            four[i] = i % 4 == 3 ? Float.NEGATIVE_INFINITY : 0.1f * i;
            if (i % 4 < 3) {
                three[i / 4 * 3 + i % 4] = four[i];
            }
        }
        FileModel whole = attended(
                projections(24, true, 2, 2).constant("mask", Tensor.ofFloats(four, 5, 4)), true, 2, "q,k,v,mask");
        same(
                attended(
                        projections(24, true, 2, 2).constant("mask", Tensor.ofFloats(three, 5, 3)),
                        true,
                        2,
                        "q,k,v,mask"),
                whole);
        String message = String.valueOf(assertThrows(
                        InvalidModelException.class,
                        () -> FileChecker.checkDerivatives(attended(
                                        projections(23, true, 2, 2).constant("mask", Tensor.ofFloats(three, 5, 3)),
                                        true,
                                        2,
                                        "q,k,v,mask")
                                .bytes()))
                .getMessage());
        assertTrue(message.contains("its mask has shape [5, 3] for 4 keys"), message);
    }

    private static void same(FileModel given, FileModel expected) {
        Graph one = ModelReader.read(given.bytes(), "given", null);
        Graph other = ModelReader.read(expected.bytes(), "expected", null);
        try (LinearizedNetwork a = RunningNetwork.of(one, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
                LinearizedNetwork b = RunningNetwork.of(other, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            Examples x = RandomExamples.draw(a.inputs(), 3, 1);
            FileChecker.same("f", b.forward(x), a.forward(x), 1e-6);
            double[] v = new java.util.Random(1).doubles(a.parameterCount()).toArray();
            FileChecker.same("J v", b.jvp(x, v), a.jvp(x, v), 1e-5);
        }
    }
}
