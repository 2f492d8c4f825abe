package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.finitentk.internal.network.InputNumbers;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Operators that are written in others when a file is read, against ONNX Runtime on the file itself. */
@NullUnmarked
final class CompoundFormsTest {
    private final List<DynamicTest> rows = new ArrayList<>();

    private void row(String name, FileModel file, String... parameters) {
        rows.add(DynamicTest.dynamicTest(
                name,
                () -> Assertions.assertAll(
                        name, () -> assertEquals(List.of(parameters), FileChecker.check(file.bytes())))));
    }

    // x [N, 4] through w to h [N, 6]

    private static FileModel dense(long opset) {
        return FileModel.of(opset).in("x", "N", "4").weights("w", 4, 6).node("MatMul", "h", "x,w");
    }

    private static FileModel finished(FileModel file, long size) {
        return file.weights("v", size, 2).node("MatMul", "y", "z,v").out("y", "N", "2");
    }

    @TestFactory
    Stream<DynamicTest> activations() {
        row("Swish", finished(dense(24).node("Swish", "z", "h"), 6), "w", "v");
        row("Swish with alpha", finished(dense(24).node("Swish", "z", "h", "alpha", 0.7f), 6), "w", "v");
        for (String op : List.of("Gelu", "QuickGelu", "FastGelu")) {
            row(
                    "com.microsoft " + op,
                    finished(dense(17).domain("com.microsoft", 1).node("com.microsoft:" + op, "z", "h"), 6),
                    "w",
                    "v");
        }
        row(
                "com.microsoft QuickGelu with alpha",
                finished(
                        dense(17).domain("com.microsoft", 1).node("com.microsoft:QuickGelu", "z", "h", "alpha", 1.1f),
                        6),
                "w",
                "v");
        for (String op : List.of("BiasGelu", "FastGelu")) {
            row(
                    "com.microsoft " + op + " with a bias",
                    finished(
                            dense(17)
                                    .domain("com.microsoft", 1)
                                    .weights("b", 6)
                                    .node("com.microsoft:" + op, "z", "h,b"),
                            6),
                    "w",
                    "b",
                    "v");
        }
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> normalizations() {
        row(
                "RMSNormalization",
                finished(
                        dense(23)
                                .weights("scale", 6)
                                .node("RMSNormalization", "z", "h,scale", "axis", -1, "epsilon", 1e-4f),
                        6),
                "w",
                "scale",
                "v");
        row(
                "RMSNormalization over two axes",
                dense(23)
                        .longs("two", 0, 2, 3)
                        .node("Reshape", "r", "h,two")
                        .weights("scale", 2, 3)
                        .node("RMSNormalization", "z", "r,scale", "axis", 1)
                        .node("Flatten", "f", "z")
                        .weights("v", 6, 2)
                        .node("MatMul", "y", "f,v")
                        .out("y", "N", "2"),
                "w",
                "scale",
                "v");
        return rows.stream();
    }

    /** LayerNormalization as Keras has it: BatchNormalization whose channels are the examples. */
    @TestFactory
    Stream<DynamicTest> statisticsThatAreComputed() {
        row(
                "LayerNormalization of Keras",
                finished(
                        dense(17)
                                .longs("line", -1)
                                .longs("channels", 1, -1, 6, 1)
                                .longs("back", -1, 6)
                                .constant(
                                        "one",
                                        Tensor.ofFloats(new float[] {1}, 1).asConstantNode())
                                .constant(
                                        "zero",
                                        Tensor.ofFloats(new float[] {0}, 1).asConstantNode())
                                .node("ReduceMean", "m", "h", "axes", new long[] {1})
                                .node("Sub", "c", "h,m")
                                .node("Mul", "s", "c,c")
                                .node("ReduceMean", "q", "s", "axes", new long[] {1})
                                .node("Reshape", "mean", "m,line")
                                .node("Reshape", "variance", "q,line")
                                .node("Shape", "n", "mean")
                                .node("Expand", "ones", "one,n")
                                .node("Expand", "zeros", "zero,n")
                                .node("Reshape", "r", "h,channels")
                                .node("BatchNormalization", "b", "r,ones,zeros,mean,variance", "epsilon", 1e-3f)
                                .node("Reshape", "z", "b,back"),
                        6),
                "w",
                "v");
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> pooling() {
        for (long p : new long[] {1, 2, 3}) {
            row(
                    "GlobalLpPool p = " + p,
                    images().node("GlobalLpPool", "g", "h", "p", p)
                            .node("Flatten", "z", "g")
                            .weights("v", 3, 2)
                            .node("MatMul", "y", "z,v")
                            .out("y", "N", "2"),
                    "w",
                    "v");
            row(
                    "LpPool p = " + p,
                    images().node(
                                    "LpPool",
                                    "g",
                                    "h",
                                    "p",
                                    p,
                                    "kernel_shape",
                                    new long[] {2, 3},
                                    "strides",
                                    new long[] {2, 1},
                                    "pads",
                                    new long[] {0, 1, 1, 0})
                            .node("GlobalAveragePool", "a", "g")
                            .node("Flatten", "z", "a")
                            .weights("v", 3, 2)
                            .node("MatMul", "y", "z,v")
                            .out("y", "N", "2"),
                    "w",
                    "v");
        }
        row(
                "CenterCropPad",
                images().longs("size", 3, 8)
                        .node("CenterCropPad", "c", "h,size", "axes", new long[] {2, 3})
                        .node("Flatten", "z", "c")
                        .weights("v", 72, 2)
                        .node("MatMul", "y", "z,v")
                        .out("y", "N", "2"),
                "w",
                "v");
        row(
                "Compress",
                images().constant(
                                "which",
                                new Tensor(ElementType.BOOL, new long[] {5}, java.nio.ByteBuffer.wrap(new byte[] {
                                    1, 0, 1, 1, 0
                                })))
                        .node("Compress", "c", "h,which", "axis", 2)
                        .node("GlobalAveragePool", "a", "c")
                        .node("Flatten", "z", "a")
                        .weights("v", 3, 2)
                        .node("MatMul", "y", "z,v")
                        .out("y", "N", "2"),
                "w",
                "v");
        return rows.stream();
    }

    private static FileModel images() {
        return FileModel.of(18)
                .in("x", "N", "2", "5", "6")
                .weights("w", 3, 2, 1, 1)
                .node("Conv", "h", "x,w");
    }

    // positions

    /** Keys and values that are written into a cache of earlier ones. */
    @TestFactory
    Stream<DynamicTest> tensorScatter() {
        for (String mode : List.of("linear", "circular")) {
            for (long from : new long[] {0, 3}) {
                FileModel file = FileModel.of(24)
                        .in("x", "N", "2", "3")
                        .in("cache", "N", "6", "3")
                        .in("some", ElementType.INT64, "N")
                        .weights("w", 3, 3)
                        .node("MatMul", "h", "x,w")
                        .longs("from", mode.equals("circular") ? from + 2 : from)
                        .node("Add", "at", "some,from")
                        .node("TensorScatter", "s", "cache,h,at", "mode", mode)
                        .node("Flatten", "z", "s");
                row(mode + " from " + from, finished(file, 18), "w", "v");
            }
        }
        FileModel whole = FileModel.of(24)
                .in("x", "N", "2", "3")
                .in("cache", "N", "2", "5")
                .weights("w", 3, 3)
                .node("MatMul", "h", "x,w")
                .node("TensorScatter", "s", "cache,h", "axis", 2)
                .node("Flatten", "z", "s");
        row("from the begin of the last axis", finished(whole, 10), "w", "v");
        return rows.stream();
    }

    /** What casts say of 8-bit floats means nothing for others. */
    @TestFactory
    Stream<DynamicTest> castsOfLaterOpsets() {
        row(
                "round_mode",
                finished(dense(25).node("Cast", "z", "h", "to", 1, "saturate", 0, "round_mode", "down"), 6),
                "w",
                "v");
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> rotaryEmbedding() {
        for (boolean four : new boolean[] {true, false}) {
            for (int interleaved = 0; interleaved < 2; interleaved++) {
                for (long turned : new long[] {0, 4}) {
                    for (boolean ids : new boolean[] {true, false}) {
                        row(
                                "four axes " + four + ", interleaved " + interleaved + ", turned " + turned
                                        + ", positions " + ids,
                                rotated(four, interleaved, turned, ids),
                                "w",
                                "v");
                    }
                }
            }
        }
        return rows.stream();
    }

    private static FileModel rotated(boolean four, int interleaved, long turned, boolean ids) {
        FileModel file = FileModel.of(23).in("x", "N", "5", "4").weights("w", 4, 12);
        long pairs = turned == 0 ? 3 : turned / 2;
        file.node("MatMul", "h", "x,w");
        String inputs;
        if (ids) {
            file.weights("cos", 7, pairs).weights("sin", 7, pairs).in("ids", ElementType.INT64, "N", "5");
            inputs = "cos,sin,ids";
        } else {
            file.node("Shape", "n", "x", "start", 0, "end", 1)
                    .weights("c1", 1, 5, pairs)
                    .weights("s1", 1, 5, pairs)
                    .longs("tail", 5, pairs)
                    .node("Concat", "all", "n,tail", "axis", 0)
                    .node("Expand", "cos", "c1,all")
                    .node("Expand", "sin", "s1,all");
            inputs = "cos,sin";
        }
        if (four) {
            file.longs("split", 0, 0, 2, 6)
                    .node("Reshape", "r", "h,split")
                    .node("Transpose", "t", "r", "perm", new long[] {0, 2, 1, 3});
        }
        Object[] attributes = {"interleaved", interleaved, "num_heads", 2, "rotary_embedding_dim", turned};
        file.node("RotaryEmbedding", "e", (four ? "t," : "h,") + inputs, attributes);
        return file.node("Tanh", "th", "e")
                .node("Flatten", "f", "th")
                .weights("v", 60, 2)
                .node("MatMul", "y", "f,v")
                .out("y", "N", "2");
    }

    // ai.onnx.ml

    private static FileModel scikit() {
        return FileModel.of(17).domain("ai.onnx.ml", 3).in("x", "N", "4");
    }

    private static FileModel network(FileModel file, long size) {
        return file.weights("w", size, 3)
                .node("MatMul", "h", "z,w")
                .node("Tanh", "t", "h")
                .weights("v", 3, 2)
                .node("MatMul", "y", "t,v")
                .out("y", "N", "2");
    }

    @TestFactory
    Stream<DynamicTest> preprocessing() {
        float[] four = {0.1f, -0.2f, 0.3f, 0.4f};
        row(
                "Scaler",
                network(scikit().node("ai.onnx.ml:Scaler", "z", "x", "offset", four, "scale", four), 4),
                "w",
                "v");
        row(
                "Scaler of one number",
                network(
                        scikit().node(
                                        "ai.onnx.ml:Scaler",
                                        "z",
                                        "x",
                                        "offset",
                                        new float[] {0.3f},
                                        "scale",
                                        new float[] {2}),
                        4),
                "w",
                "v");
        for (String norm : List.of("MAX", "L1", "L2")) {
            row(
                    "Normalizer " + norm,
                    network(scikit().node("ai.onnx.ml:Normalizer", "z", "x", "norm", norm), 4),
                    "w",
                    "v");
            row(
                    "Normalizer " + norm + " of activations",
                    finished(
                            dense(17).domain("ai.onnx.ml", 3).node("ai.onnx.ml:Normalizer", "z", "h", "norm", norm), 6),
                    "w",
                    "v");
        }
        row(
                "Imputer",
                network(scikit().node("ai.onnx.ml:Imputer", "z", "x", "imputed_value_floats", four), 4),
                "w",
                "v");
        row("Binarizer", network(scikit().node("ai.onnx.ml:Binarizer", "z", "x", "threshold", 0.2f), 4), "w", "v");
        row(
                "ArrayFeatureExtractor",
                network(scikit().longs("which", 3, 0, 2).node("ai.onnx.ml:ArrayFeatureExtractor", "z", "x,which"), 3),
                "w",
                "v");
        row(
                "OneHotEncoder",
                network(
                        FileModel.of(17)
                                .domain("ai.onnx.ml", 3)
                                .in("c", ElementType.INT64, "N")
                                .node("ai.onnx.ml:OneHotEncoder", "z", "c", "cats_int64s", new long[] {1, 0, 5}),
                        3),
                "w",
                "v");
        row(
                "FeatureVectorizer",
                network(
                        scikit().in("c", "N", "2")
                                .node("ai.onnx.ml:FeatureVectorizer", "z", "x,c", "inputdimensions", new long[] {4, 2}),
                        6),
                "w",
                "v");
        row(
                "FeatureVectorizer that cuts and fills, and of three axes",
                network(
                        scikit().in("c", "N", "1", "2")
                                .node("ai.onnx.ml:FeatureVectorizer", "z", "x,c", "inputdimensions", new long[] {1, 5}),
                        6),
                "w",
                "v");
        return rows.stream();
    }

    @Test
    void numbersMayMissWhereAnImputerReplacesThem() throws ai.onnxruntime.OrtException {
        float[] instead = {0.1f, -0.2f, 0.3f, 0.4f};
        byte[] imputed = network(
                        scikit().node(
                                        "ai.onnx.ml:Imputer",
                                        "z",
                                        "x",
                                        "imputed_value_floats",
                                        instead,
                                        "replaced_value_float",
                                        Float.NaN),
                        4)
                .bytes();
        Examples missing = Examples.of("x", Tensor.ofFloats(new float[] {1, Float.NaN, 2, -1}, 1, 4));
        try (LinearizedNetwork network = open(imputed)) {
            double[] f = network.forward(InputNumbers.require(network, missing));
            FileChecker.same("f", FileChecker.run(imputed, "y", missing), f, 1e-5);
            double[] same = network.jvp(
                    Examples.of("x", Tensor.ofFloats(new float[] {1, -0.2f, 2, -1}, 1, 4)), network.parameterVector());
            FileChecker.same("J v", same, network.jvp(missing, network.parameterVector()), 1e-6);
            Examples infinite =
                    Examples.of("x", Tensor.ofFloats(new float[] {1, Float.POSITIVE_INFINITY, 2, -1}, 1, 4));
            assertThrows(IllegalArgumentException.class, () -> InputNumbers.require(network, infinite));
        }
        byte[] beside = network(
                        scikit().node(
                                        "ai.onnx.ml:Imputer",
                                        "i",
                                        "x",
                                        "imputed_value_floats",
                                        instead,
                                        "replaced_value_float",
                                        Float.NaN)
                                .node("Add", "z", "i,x"),
                        4)
                .bytes();
        try (LinearizedNetwork network = open(beside)) {
            String message = String.valueOf(
                    assertThrows(IllegalArgumentException.class, () -> InputNumbers.require(network, missing))
                            .getMessage());
            assertTrue(message.contains("'x', element 1"), message);
        }
    }

    private static LinearizedNetwork open(byte[] model) {
        return RunningNetwork.of(
                ModelReader.read(model, "the file", null), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    @TestFactory
    Stream<DynamicTest> linearModels() {
        float[] coefficients = {0.1f, -0.2f, 0.3f, 0.4f, -0.5f, 0.6f, 0.7f, -0.8f, 0.9f, 1, -1, 0.2f};
        for (String form : List.of("NONE", "LOGISTIC", "SOFTMAX")) {
            for (int targets : new int[] {1, 3}) {
                row(
                        "LinearRegressor " + form + ", " + targets,
                        scikit().out("y", "N", Integer.toString(targets))
                                .node(
                                        "ai.onnx.ml:LinearRegressor",
                                        "y",
                                        "x",
                                        "coefficients",
                                        java.util.Arrays.copyOf(coefficients, 4 * targets),
                                        "intercepts",
                                        java.util.Arrays.copyOf(coefficients, targets),
                                        "targets",
                                        targets,
                                        "post_transform",
                                        form.equals("SOFTMAX") && targets == 1 ? "NONE" : form),
                        "the_y.coefficients",
                        "the_y.intercepts");
                row(
                        "LinearClassifier " + form + ", " + targets,
                        classifier(form, targets, java.util.Arrays.copyOf(coefficients, 4 * targets)),
                        "the_label.coefficients",
                        "the_label.intercepts");
            }
        }
        return rows.stream();
    }

    private static FileModel classifier(String form, int rows, float[] coefficients) {
        return scikit().out("y", "N", Integer.toString(Math.max(2, rows)))
                .node(
                        "ai.onnx.ml:LinearClassifier",
                        "label,y",
                        "x",
                        "coefficients",
                        coefficients,
                        "intercepts",
                        java.util.Arrays.copyOf(coefficients, rows),
                        "classlabels_ints",
                        rows == 1 ? new long[] {0, 1} : new long[] {4, 5, 6},
                        "post_transform",
                        form);
    }
}
