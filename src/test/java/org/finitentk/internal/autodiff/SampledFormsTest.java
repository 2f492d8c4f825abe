package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Images read between their pixels, and signals by their frequencies, against ONNX Runtime on the file itself. */
@NullUnmarked
final class SampledFormsTest {
    private final List<DynamicTest> rows = new ArrayList<>();

    private void row(String name, FileModel file, String... parameters) {
        rows.add(DynamicTest.dynamicTest(
                name,
                () -> assertEquals(
                        List.of(parameters), FileChecker.check(file.bytes(), ParameterSelection.DEFAULT, 1, 2), name)));
    }

    private static FileModel summed(FileModel file, String last, long size) {
        return file.node("Flatten", "flat", last)
                .weights("v", size, 2)
                .node("MatMul", "y", "flat,v")
                .out("y", "N", "2");
    }

    /** An image of 4 x 5 pixels and 2 channels, and 3 x 2 places, both computed. */
    private static FileModel image(long opset, int spatial) {
        FileModel file = FileModel.of(opset);
        if (spatial == 2) {
            file.in("x", "N", "1", "4", "5").weights("w", 2, 1, 1, 1).longs("places", 0, 3, 2, 2);
        } else {
            file.in("x", "N", "1", "3", "4", "5").weights("w", 2, 1, 1, 1, 1).longs("places", 0, 1, 3, 2, 3);
        }
        return file.node("Conv", "h", "x,w")
                .in("g", "N", "1")
                .weights("a", 1, 6L * spatial)
                .node("MatMul", "far", "g,a")
                .node("Tanh", "near", "far")
                .node("Mul", "bent", "near,near")
                .node("Add", "moved", "near,bent")
                .node("Reshape", "grid", "moved,places");
    }

    @TestFactory
    Stream<DynamicTest> places() {
        for (String mode : List.of("linear", "nearest", "cubic")) {
            for (String padding : List.of("zeros", "border", "reflection")) {
                for (int corners = 0; corners < (mode.equals("linear") ? 2 : 1); corners++) {
                    FileModel file = image(20, 2)
                            .node(
                                    "GridSample",
                                    "s",
                                    "h,grid",
                                    "mode",
                                    mode,
                                    "padding_mode",
                                    padding,
                                    "align_corners",
                                    corners);
                    row(mode + ", " + padding + ", " + corners, summed(file, "s", 12), "w", "a", "v");
                }
            }
        }
        row("opset 16", summed(image(16, 2).node("GridSample", "s", "h,grid"), "s", 12), "w", "a", "v");
        row(
                "opset 16, bicubic",
                summed(image(16, 2).node("GridSample", "s", "h,grid", "mode", "bicubic"), "s", 12),
                "w",
                "a",
                "v");
        row("a volume", summed(image(20, 3).node("GridSample", "s", "h,grid"), "s", 12), "w", "a", "v");
        for (int corners = 0; corners < 2; corners++) {
            row(
                    "turned by matrices, " + corners,
                    summed(
                            FileModel.of(20)
                                    .in("x", "N", "6")
                                    .weights("w", 6, 6)
                                    .node("MatMul", "h", "x,w")
                                    .longs("two", 0, 2, 3)
                                    .longs("rest", 1, 3, 4)
                                    .node("Shape", "examples", "x", "end", 1)
                                    .node("Concat", "size", "examples,rest", "axis", 0)
                                    .node("Reshape", "theta", "h,two")
                                    .node("AffineGrid", "s", "theta,size", "align_corners", corners),
                            "s",
                            24),
                    "w",
                    "v");
        }
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> sequencesAndBlocks() {
        FileModel dense = FileModel.of(18).in("x", "N", "4", "3").weights("w", 3, 2);
        row(
                "sequences reversed",
                summed(
                        dense.node("MatMul", "h", "x,w")
                                .in("c", ElementType.INT64, "N")
                                .node("ReverseSequence", "s", "h,c", "time_axis", 1, "batch_axis", 0),
                        "s",
                        8),
                "w",
                "v");
        row(
                "sequences reversed, time first",
                summed(
                        FileModel.of(18)
                                .in("x", "N", "4", "3")
                                .in("c", ElementType.INT64, "N")
                                .weights("w", 3, 2)
                                .node("MatMul", "h", "x,w")
                                .node("Transpose", "t", "h", "perm", new long[] {1, 0, 2})
                                .node("ReverseSequence", "s", "t,c")
                                .node("Transpose", "z", "s", "perm", new long[] {1, 0, 2}),
                        "z",
                        8),
                "w",
                "v");
        row(
                "blocks",
                summed(
                        blocks(9).longs("image", 4, 5).longs("block", 2, 3).node("Col2Im", "s", "h,image,block"),
                        "s",
                        40),
                "w",
                "v");
        row(
                "blocks, far apart",
                summed(
                        blocks(15)
                                .longs("image", 6, 6)
                                .longs("block", 2, 2)
                                .node(
                                        "Col2Im",
                                        "s",
                                        "h,image,block",
                                        "strides",
                                        new long[] {2, 1},
                                        "dilations",
                                        new long[] {2, 1},
                                        "pads",
                                        new long[] {1, 0, 0, 0}),
                        "s",
                        108),
                "w",
                "v");
        return rows.stream();
    }

    /** Twelve numbers, of several channels, in each of so many columns. */
    private static FileModel blocks(long columns) {
        return FileModel.of(18)
                .in("x", "N", "1")
                .weights("w", 1, 12 * columns)
                .node("MatMul", "p", "x,w")
                .longs("columns", 0, 12, columns)
                .node("Reshape", "h", "p,columns");
    }

    private static FileModel signal(long opset, long... shape) {
        long size = Tensor.count(shape);
        long[] all = new long[shape.length + 1];
        System.arraycopy(shape, 0, all, 1, shape.length);
        return FileModel.of(opset)
                .in("x", "N", "1")
                .weights("w", 1, size)
                .node("MatMul", "p", "x,w")
                .longs("shape", all)
                .node("Reshape", "h", "p,shape");
    }

    @TestFactory
    Stream<DynamicTest> frequencies() {
        for (int parts = 1; parts <= 2; parts++) {
            for (int inverse = 0; inverse < 2; inverse++) {
                row(
                        "DFT of " + parts + ", inverse " + inverse,
                        summed(signal(17, 5, parts).node("DFT", "s", "h", "inverse", inverse), "s", 10),
                        "w",
                        "v");
            }
        }
        row("onesided", summed(signal(17, 6, 1).node("DFT", "s", "h", "onesided", 1), "s", 8), "w", "v");
        row("along axis 2", summed(signal(17, 2, 5, 1).node("DFT", "s", "h", "axis", 2), "s", 20), "w", "v");
        row("along axis 1 unless said", summed(signal(17, 5, 2, 1).node("DFT", "s", "h"), "s", 20), "w", "v");
        row(
                "filled up to 8, opset 20",
                summed(
                        signal(20, 5, 2).number("length", 8).number("axis", 1).node("DFT", "s", "h,length,axis"),
                        "s",
                        16),
                "w",
                "v");
        row(
                "cut to 4, opset 20",
                summed(signal(20, 2, 5, 1).number("length", 4).node("DFT", "s", "h,length"), "s", 16),
                "w",
                "v");
        for (int half = 0; half < 2; half++) {
            row(
                    "short windows, onesided " + half,
                    summed(
                            signal(17, 14, 1)
                                    .number("step", 3)
                                    .number("length", 6)
                                    .node("HannWindow", "window", "length")
                                    .node("STFT", "s", "h,step,window,length", "onesided", half),
                            "s",
                            half == 1 ? 24 : 36),
                    "w",
                    "v");
        }
        return rows.stream();
    }

    @Test
    void aLengthThatTheFileLeavesOpenIsThatOfTheExamples() {
        byte[] file = FileModel.of(17)
                .in("x", "N", "length")
                .weights("w", 1)
                .node("Mul", "h", "x,w")
                .longs("last", 2)
                .node("Unsqueeze", "signal", "h,last")
                .node("DFT", "s", "signal", "onesided", 1)
                .longs("one", 1)
                .node("ReduceMean", "z", "s,one", "keepdims", 0)
                .weights("v", 2, 2)
                .node("MatMul", "y", "z,v")
                .out("y", "N", "2")
                .bytes();
        try (LinearizedNetwork network = RunningNetwork.of(
                ModelReader.read(file, "the file", null), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT)) {
            for (int length : new int[] {4, 7}) {
                Examples x = Examples.of("x", Tensor.ofFloats(new float[2 * length], 2, length));
                assertEquals(4, network.forward(x).length);
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> constants() {
        for (String op : List.of("HannWindow", "HammingWindow", "BlackmanWindow")) {
            for (int periodic = 0; periodic < 2; periodic++) {
                row(
                        op + " " + periodic,
                        summed(
                                signal(17, 6)
                                        .number("length", 6)
                                        .node(op, "window", "length", "periodic", periodic)
                                        .node("Mul", "s", "h,window"),
                                "s",
                                6),
                        "w",
                        "v");
            }
        }
        row(
                "MelWeightMatrix",
                summed(
                        signal(17, 9)
                                .number("bins", 4)
                                .number("length", 16)
                                .number("rate", 8000)
                                .constant("low", Tensor.ofFloats(new float[] {0}))
                                .constant("high", Tensor.ofFloats(new float[] {4000}))
                                .node("MelWeightMatrix", "mel", "bins,length,rate,low,high")
                                .node("MatMul", "s", "h,mel"),
                        "s",
                        4),
                "w",
                "v");
        row(
                "EyeLike",
                summed(
                        signal(17, 2, 3)
                                .constant("like", Tensor.ofFloats(new float[6], 2, 3))
                                .node("EyeLike", "eye", "like", "k", 1)
                                .node("Add", "s", "h,eye"),
                        "s",
                        6),
                "w",
                "v");
        return rows.stream();
    }
}
