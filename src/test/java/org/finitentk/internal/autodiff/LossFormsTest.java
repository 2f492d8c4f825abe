package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Losses that exports for training end in, and pooling undone, against ONNX Runtime on the file itself. */
@NullUnmarked
final class LossFormsTest {
    private final List<DynamicTest> rows = new ArrayList<>();

    private void row(String name, FileModel file, String... parameters) {
        row(name, file, new int[] {1, 3}, parameters);
    }

    private void row(String name, FileModel file, int[] batches, String... parameters) {
        rows.add(DynamicTest.dynamicTest(
                name,
                () -> assertEquals(
                        List.of(parameters),
                        FileChecker.check(file.bytes(), ParameterSelection.DEFAULT, batches),
                        name)));
    }

    /** Scores of three labels, and the labels 0 and 1. */
    private static FileModel scores() {
        return FileModel.of(17)
                .in("x", "N", "4")
                .in("t", ElementType.INT64, "N")
                .weights("w", 4, 3)
                .node("MatMul", "s", "x,w");
    }

    private static FileModel weighted(FileModel file) {
        return file.constant("weighs", Tensor.ofFloats(new float[] {0.5f, 2, 0.1f}, 3));
    }

    @TestFactory
    Stream<DynamicTest> losses() {
        for (String weights : List.of("", ",weighs")) {
            for (String op : List.of("SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss")) {
                row(
                        op + weights,
                        weighted(scores())
                                .node(op, "y", "s,t" + weights, "reduction", "none")
                                .out("y", "N"),
                        "w");
                row(
                        op + weights + " but of label 1",
                        weighted(scores())
                                .node(op, "z", "s,t" + weights, "reduction", "none", "ignore_index", 1)
                                .node("Sub", "y", "s,z3")
                                .node("Unsqueeze", "z3", "z,one")
                                .longs("one", 1)
                                .out("y", "N", "3"),
                        "w");
            }
        }
        row(
                "logarithms beside the loss",
                scores().node("SoftmaxCrossEntropyLoss", "l,y", "s,t", "reduction", "none")
                        .out("y", "N", "3"),
                "w");
        for (String reduction : List.of("sum", "mean")) {
            for (String weights : List.of("", ",weighs")) {
                row(
                        reduction + " over an example's positions" + weights,
                        weighted(FileModel.of(17))
                                .in("x", "1", "3", "4")
                                .in("t", ElementType.INT64, "1", "4")
                                .weights("w", 3, 3, 1)
                                .node("Conv", "s", "x,w")
                                .node("SoftmaxCrossEntropyLoss", "z", "s,t" + weights, "reduction", reduction)
                                .longs("line", 1, 1)
                                .node("Reshape", "y", "z,line")
                                .out("y", "1", "1"),
                        new int[] {1},
                        "w");
            }
        }
        return rows.stream();
    }

    /** An image of 4 x 6 pixels and 2 channels. */
    private static FileModel image() {
        return FileModel.of(17)
                .in("x", "N", "1", "4", "6")
                .weights("w", 2, 1, 1, 1)
                .node("Conv", "h", "x,w");
    }

    private static FileModel finished(FileModel file, long size) {
        return file.node("Flatten", "flat", "z")
                .weights("v", size, 2)
                .node("MatMul", "y", "flat,v")
                .out("y", "N", "2");
    }

    @TestFactory
    Stream<DynamicTest> unpooling() {
        long[] two = {2, 2};
        row(
                "MaxUnpool",
                finished(
                        image().node("MaxPool", "p,i", "h", "kernel_shape", two, "strides", two)
                                .node("Tanh", "q", "p")
                                .node("MaxUnpool", "z", "q,i", "kernel_shape", two, "strides", two),
                        48),
                "w",
                "v");
        row(
                "MaxUnpool of given sizes",
                finished(
                        image().node("MaxPool", "p,i", "h", "kernel_shape", new long[] {3, 3}, "strides", two)
                                .node("Tanh", "q", "p")
                                .node("Shape", "size", "h")
                                .node("MaxUnpool", "z", "q,i,size", "kernel_shape", new long[] {3, 3}, "strides", two),
                        48),
                "w",
                "v");
        return rows.stream();
    }
}
