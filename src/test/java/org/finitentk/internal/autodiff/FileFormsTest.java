package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import com.google.protobuf.ByteString;
import java.util.List;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.internal.runtime.MemoryEstimate;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Parts of files that no output needs, control flow that is settled when a file is read, functions and sequences. */
@NullUnmarked
final class FileFormsTest {
    private static final TypeProto TEXT = TypeProto.newBuilder()
            .setTensorType(TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.STRING_VALUE))
            .build();

    private static FileModel dense() {
        return FileModel.of(17)
                .in("x", "N", "4")
                .weights("w", 4, 3)
                .weights("v", 3, 2)
                .node("MatMul", "h", "x,w")
                .node("Tanh", "t", "h")
                .node("MatMul", "y", "t,v");
    }

    private static TensorProto text(String name, String... elements) {
        TensorProto.Builder proto =
                TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.STRING_VALUE);
        proto.addDims(elements.length);
        for (String element : elements) {
            proto.addStringData(ByteString.copyFromUtf8(element));
        }
        return proto.build();
    }

    private static String refusal(byte[] model) {
        return String.valueOf(assertThrows(InvalidModelException.class, () -> FileChecker.check(model))
                .getMessage());
    }

    // what no output needs

    @Test
    void textThatOnlyALabelNeedsDoesNotMatter() {
        FileModel file = dense().domain("ai.onnx.ml", 3)
                .out("label", TEXT)
                .out("y", "N", "2")
                .constant(text("classes", "cat", "dog"))
                .node("ArgMax", "best", "y", "axis", 1, "keepdims", 0)
                .node("ai.onnx.ml:ArrayFeatureExtractor", "label", "classes,best");
        assertEquals(List.of("w", "v"), FileChecker.check(file.bytes()));
        assertTrue(ModelReader.read(file.bytes(), "labels", null)
                .notes()
                .toString()
                .contains("'label'"));
    }

    @Test
    void textThatTheOutputNeedsIsNamed() {
        FileModel file = dense().domain("ai.onnx.ml", 3)
                .out("z", "N", "2")
                .constant(text("names", "a", "b"))
                .node(
                        "ai.onnx.ml:LabelEncoder",
                        "codes",
                        "names",
                        "keys_strings",
                        new String[] {"a", "b"},
                        "values_floats",
                        new float[] {1, 2})
                .node("Mul", "z", "y,codes");
        String message = refusal(file.bytes());
        assertTrue(message.contains("initializer 'names'") && message.contains("STRING"), message);
    }

    @Test
    void inputsAndConstantsOfOtherKindsDoNotMatter() {
        FileModel file = dense().out("y", "N", "2")
                .in("title", TEXT)
                .constant(TensorProto.newBuilder()
                        .setName("fourBitFloats")
                        .setDataType(23)
                        .addDims(2)
                        .setRawData(ByteString.copyFrom(new byte[1]))
                        .build());
        ModelReader.read(file.bytes(), "kinds", null);
        assertEquals(
                List.of("x"),
                ModelReader.read(file.bytes(), "kinds", null).inputs().stream()
                        .map(input -> input.name())
                        .toList());
    }

    @Test
    void noOutputOfNumbersIsNamed() {
        FileModel file = dense().out("label", TEXT).constant(text("label", "a"));
        String message = refusal(file.bytes());
        assertTrue(message.contains("'label'") && message.contains("STRING"), message);
    }

    @Test
    void probabilitiesGoThroughAZipMap() {
        TypeProto maps = TypeProto.newBuilder()
                .setSequenceType(TypeProto.Sequence.newBuilder()
                        .setElemType(TypeProto.newBuilder()
                                .setMapType(TypeProto.Map.newBuilder()
                                        .setKeyType(TensorProto.DataType.INT64_VALUE)
                                        .setValueType(TypeProto.newBuilder()
                                                .setTensorType(TypeProto.Tensor.newBuilder()
                                                        .setElemType(1))))))
                .build();
        FileModel file = dense().domain("ai.onnx.ml", 1)
                .out("probabilities", maps)
                .node("Softmax", "p", "y", "axis", 1)
                .node("ai.onnx.ml:ZipMap", "probabilities", "p", "classlabels_int64s", new long[] {3, 8});
        assertEquals(List.of("w", "v"), FileChecker.check(file.bytes()));
    }

    @Test
    void sparseWeightsAreWeights() {
        for (boolean flat : new boolean[] {true, false}) {
            FileModel file = FileModel.of(17)
                    .in("x", "N", "4")
                    .out("y", "N", "2")
                    .weights("v", 3, 2)
                    .node("MatMul", "h", "x,s")
                    .node("MatMul", "y", "h,v");
            Tensor at = flat ? Tensor.vector(1, 6, 11) : Tensor.ofLongs(new long[] {0, 1, 2, 0, 3, 2}, 3, 2);
            file.graph()
                    .addSparseInitializer(SparseTensorProto.newBuilder()
                            .setValues(
                                    Tensor.ofFloats(new float[] {1, -2, 3}, 3).toProto("s"))
                            .setIndices(at.toProto("s_at"))
                            .addDims(4)
                            .addDims(3));
            assertEquals(List.of("s", "v"), FileChecker.check(file.bytes()));
        }
    }

    // control flow

    private static FileModel branch(long seed, String weight) {
        return FileModel.body(seed)
                .weights(weight, 3, 3)
                .node("MatMul", "inner", "t," + weight)
                .node("Sigmoid", "result", "inner")
                .outs("result");
    }

    private static FileModel conditional(FileModel file) {
        return file.node("If", "b", "condition", "then_branch", branch(4, "a"), "else_branch", branch(5, "a"))
                .node("MatMul", "z", "b,v")
                .out("z", "N", "2");
    }

    private static FileModel start() {
        return FileModel.of(17)
                .in("x", "N", "4")
                .weights("w", 4, 3)
                .weights("v", 3, 2)
                .node("MatMul", "h", "x,w")
                .node("Tanh", "t", "h");
    }

    @Test
    void constantConditionsChooseABranch() {
        for (boolean condition : new boolean[] {true, false}) {
            assertEquals(
                    List.of("w", "a", "v"),
                    FileChecker.check(
                            conditional(start().truth("condition", condition)).bytes()));
        }
    }

    @Test
    void sizesChooseABranch() {
        FileModel file = conditional(start().node("Shape", "shape", "t")
                .number("one", 1)
                .number("three", 3)
                .node("Gather", "size", "shape,one")
                .node("Equal", "condition", "size,three"));
        assertEquals(List.of("w", "a", "v"), FileChecker.check(file.bytes()));
    }

    @Test
    void theNumberOfExamplesChoosesABranchForTwoAndMore() {
        FileModel file = conditional(start().node("Shape", "shape", "t")
                .number("zero", 0)
                .number("one", 1)
                .node("Gather", "size", "shape,zero")
                .node("Equal", "condition", "size,one"));
        FileChecker.check(file.bytes(), ParameterSelection.DEFAULT, 2, 5);
        assertTrue(ModelReader.read(file.bytes(), "n", null).notes().toString().contains("number of examples"));
    }

    @Test
    void openSizesThatDecideAreNotGuessed() {
        FileModel file = FileModel.of(17)
                .in("x", "N", "T", "4")
                .weights("w", 4, 3)
                .weights("v", 3, 2)
                .longs("axis", 1)
                .node("MatMul", "h", "x,w")
                .node("ReduceMean", "t", "h", "axes", new long[] {1}, "keepdims", 0)
                .node("Shape", "shape", "h")
                .number("one", 1)
                .number("limit", 50)
                .node("Gather", "size", "shape,one")
                .node("Greater", "condition", "size,limit");
        String message = refusal(conditional(file).bytes());
        assertTrue(message.contains("input 'x' has open sizes on axis 1; give --input-shape"), message);
    }

    @Test
    void conditionsOfDataAreRefused() {
        FileModel file = conditional(start().number("zero", 0)
                .node("ReduceMax", "most", "x", "keepdims", 0)
                .constant("half", Tensor.ofFloats(new float[] {0.5f}))
                .node("Greater", "condition", "most,half"));
        String message = refusal(file.bytes());
        assertTrue(message.contains("'the_b' (If)"), message);
    }

    @Test
    void branchesInBranchesTakeNamesFromOutside() {
        FileModel inner = FileModel.body(8).node("Add", "more", "inner,bias").outs("more");
        FileModel other = FileModel.body(8).node("Sub", "less", "inner,bias").outs("less");
        FileModel outer = FileModel.body(9)
                .weights("a", 3, 3)
                .weights("bias", 3)
                .node("MatMul", "inner", "t,a")
                .node("If", "chosen", "no", "then_branch", other, "else_branch", inner)
                .outs("chosen");
        FileModel file = start().truth("yes", true)
                .truth("no", false)
                .weights("own", 3, 3)
                .node("MatMul", "u", "t,own")
                .node("If", "b", "yes", "then_branch", outer, "else_branch", branch(5, "a"))
                .node("Add", "c", "b,u")
                .node("MatMul", "z", "c,v")
                .out("z", "N", "2");
        assertEquals(List.of("w", "own", "a", "bias", "v"), FileChecker.check(file.bytes()));
    }

    @Test
    void loopsAreUnrolledWithOneWeightForAllIterations() {
        FileModel body = FileModel.body(6)
                .in("i", ElementType.INT64)
                .in("going", ElementType.BOOL)
                .in("state", "N", "3")
                .weights("a", 3, 3)
                .node("MatMul", "m", "state,a")
                .node("Tanh", "next", "m")
                .node("Identity", "still", "going")
                .node("ReduceSum", "sum", "next", "keepdims", 0)
                .outTruth("still")
                .outs("next", "m");
        FileModel file = start().number("trips", 3)
                .truth("yes", true)
                .longs("axes", 0)
                .node("Loop", "last,all", "trips,yes,t", "body", body)
                .node("ReduceMean", "mean", "all", "axes", new long[] {0}, "keepdims", 0)
                .node("Add", "c", "last,mean")
                .node("MatMul", "z", "c,v")
                .out("z", "N", "2");
        assertEquals(List.of("w", "a", "v"), FileChecker.check(file.bytes()));
    }

    @Test
    void loopsEndWhenTheirConditionIsKnownToFail() {
        FileModel body = FileModel.body(6)
                .in("i", ElementType.INT64)
                .in("going", ElementType.BOOL)
                .in("state", "N", "3")
                .weights("a", 3, 3)
                .number("two", 2)
                .node("MatMul", "m", "state,a")
                .node("Tanh", "next", "m")
                .node("Less", "still", "i,two")
                .outTruth("still")
                .outs("next");
        FileModel file = start().number("trips", 1_000_000)
                .truth("yes", true)
                .node("Loop", "last", "trips,yes,t", "body", body)
                .node("MatMul", "z", "last,v")
                .out("z", "N", "2");
        assertEquals(List.of("w", "a", "v"), FileChecker.check(file.bytes()));
    }

    @Test
    void loopsThatAreTooLongOrOfDataAreRefusedByName() {
        FileModel body = FileModel.body(6)
                .in("i", ElementType.INT64)
                .in("going", ElementType.BOOL)
                .in("state", "N", "3")
                .node("Tanh", "next", "state")
                .node("Identity", "still", "going")
                .outTruth("still")
                .outs("next");
        for (boolean counted : new boolean[] {true, false}) {
            FileModel file = counted
                    ? start().number("trips", 5001)
                    : start().node("ReduceMax", "most", "x", "keepdims", 0).node("Cast", "trips", "most", "to", 7);
            file.truth("yes", true)
                    .node("Loop", "last", "trips,yes,t", "body", body)
                    .node("MatMul", "z", "last,v")
                    .out("z", "N", "2");
            String message = refusal(file.bytes());
            assertTrue(message.contains("'the_last' (Loop)"), message);
        }
    }

    @Test
    void scansAreUnrolledInBothDirections() {
        FileModel body = FileModel.body(6)
                .in("state", "N", "3")
                .in("xt", "N", "4")
                .weights("a", 3, 3)
                .weights("b", 4, 3)
                .node("MatMul", "m", "state,a")
                .node("MatMul", "k", "xt,b")
                .node("Add", "s", "m,k")
                .node("Tanh", "next", "s")
                .node("Identity", "copy", "next")
                .outs("next", "copy");
        for (int backwards = 0; backwards < 2; backwards++) {
            FileModel file = FileModel.of(17)
                    .in("x", "N", "5", "4")
                    .weights("h0", 1, 3)
                    .weights("e", 4, 3)
                    .weights("v", 3, 2)
                    .node("ReduceSum", "sum", "x,one", "keepdims", 0)
                    .longs("one", 1)
                    .node("MatMul", "start", "sum,e")
                    .node(
                            "Scan",
                            "last,all",
                            "start,x",
                            "body",
                            body,
                            "num_scan_inputs",
                            1,
                            "scan_input_axes",
                            new long[] {1},
                            "scan_input_directions",
                            new long[] {backwards},
                            "scan_output_axes",
                            new long[] {1},
                            "scan_output_directions",
                            new long[] {1 - backwards})
                    .longs("from", 0)
                    .longs("to", 2)
                    .node("Slice", "first", "all,from,to,one")
                    .node("ReduceSum", "some", "first,one", "keepdims", 0)
                    .node("Add", "c", "last,some")
                    .node("MatMul", "z", "c,v")
                    .out("z", "N", "2");
            assertEquals(List.of("e", "a", "b", "v"), FileChecker.check(file.bytes()));
        }
    }

    // functions

    @Test
    void functionsAreInlinedNestedAndWithAttributes() {
        FileModel linear = FileModel.body(1).node("MatMul", "m", "input,weight").node("Add", "result", "m,bias");
        FileModel leaky = FileModel.body(1).node("LeakyRelu", "out", "in", "alpha", "@slope");
        FileModel layer = FileModel.body(1)
                .node("local:linear", "m", "input,weight,bias")
                .node("local:leaky", "result", "m", "slope", "@slope");
        FileModel file = FileModel.of(18)
                .in("x", "N", "4")
                .weights("w", 4, 3)
                .weights("b", 3)
                .weights("v", 3, 2)
                .weights("c", 2)
                .function("linear", "input,weight,bias", "result", linear)
                .function("leaky", "in", "out", leaky, "slope")
                .function("layer", "input,weight,bias", "result", layer, "slope")
                .node("local:layer", "m", "x,w,b", "slope", 0.3f)
                .node("local:layer", "y", "m,v,c", "slope", 0.7f)
                .out("y", "N", "2");
        assertEquals(List.of("w", "b", "v", "c"), FileChecker.check(file.bytes()));
    }

    @Test
    void constantsOfAFunctionAreOneForAllCalls() {
        FileModel twice = FileModel.body(1)
                .node("Constant", "a", "", "value", Tensor.ofFloats(new float[] {1, 2, 3, 4, -1, 2, 0.5f, 1, 1}, 3, 3))
                .node("MatMul", "m", "in,a")
                .node("Tanh", "out", "m");
        FileModel file = start().function("square", "in", "out", twice)
                .node("local:square", "p", "t")
                .node("local:square", "q", "p")
                .node("MatMul", "z", "q,v")
                .out("z", "N", "2");
        assertEquals(List.of("w", "a", "v"), FileChecker.check(file.bytes()));
    }

    @Test
    void functionsHaveAnOpsetOfTheirOwn() {
        // before opset 18, ReduceMean has its axes as an attribute
        FileModel mean = FileModel.body(1).node("ReduceMean", "out", "in", "axes", new long[] {1}, "keepdims", 0);
        FileModel file = FileModel.of(18)
                .in("x", "N", "5", "4")
                .weights("w", 4, 3)
                .function(17, "mean", "in", "out", mean)
                .node("local:mean", "m", "x")
                .node("MatMul", "y", "m,w")
                .out("y", "N", "3");
        FileChecker.checkDerivatives(file.bytes(), 1, 3);
    }

    @Test
    void bodiesInFunctionsGiveWay() {
        FileModel chosen =
                FileModel.body(1).node("Add", "t", "m,m").node("Neg", "h", "t").outs("h");
        FileModel other = FileModel.body(1).node("Identity", "h", "m").outs("h");
        FileModel function = FileModel.body(1)
                .node("Constant", "yes", "", "value", truth())
                .node("Abs", "m", "in")
                .node("If", "out", "yes", "then_branch", chosen, "else_branch", other);
        FileModel file = start().function("f", "in", "out", function)
                .node("local:f", "p", "t")
                .node("local:f", "q", "p")
                .node("MatMul", "z", "q,v")
                .out("z", "N", "2");
        assertEquals(List.of("w", "v"), FileChecker.check(file.bytes()));
    }

    private static Tensor truth() {
        return new Tensor(
                ElementType.BOOL, new long[0], java.nio.ByteBuffer.allocate(1).put(0, (byte) 1));
    }

    @Test
    void functionsWithoutEndAreRefused() {
        FileModel self = FileModel.body(1).node("local:f", "out", "in");
        FileModel file = start().function("f", "in", "out", self)
                .node("local:f", "p", "t")
                .node("MatMul", "z", "p,v")
                .out("z", "N", "2");
        String message = refusal(file.bytes());
        assertTrue(message.contains("(local.f)"), message);
    }

    @Test
    void functionsThatGrowWithoutBoundAreRefused() {
        FileModel file = start().function("f0", "in", "out", FileModel.body(1));
        for (int i = 1; i < 60; i++) {
            String before = "local:f" + (i - 1);
            file.function(
                    "f" + i,
                    "in",
                    "out",
                    FileModel.body(1).node(before, "a", "in").node(before, "out", "a"));
        }
        file.node("local:f59", "p", "t").node("MatMul", "z", "p,v").out("z", "N", "2");
        String message = refusal(file.bytes());
        assertTrue(message.contains("100000 nodes"), message);
    }

    // sequences

    @Test
    void partsOfASequenceAreTaken() {
        FileModel file = start().longs("sizes", 1, 2)
                .number("last", -1)
                .number("first", 0)
                .node("SplitToSequence", "s", "t,sizes", "axis", 1)
                .node("SequenceAt", "a", "s,last")
                .node("SequenceAt", "b", "s,first")
                .node("Mul", "m", "a,b")
                .node("SequenceConstruct", "both", "m,a,a")
                .node("SequenceErase", "two", "both,last")
                .node("SequenceInsert", "three", "two,b,first")
                .node("ConcatFromSequence", "all", "three", "axis", 1)
                .weights("big", 5, 2)
                .node("MatMul", "z", "all,big")
                .out("z", "N", "2");
        assertEquals(List.of("w", "big"), FileChecker.check(file.bytes()));
    }

    @Test
    void splitsIntoOnesAndJoinsAlongANewAxis() {
        FileModel file = start().number("one", 1)
                .node("SplitToSequence", "s", "t", "axis", 1, "keepdims", 0)
                .node("SequenceAt", "a", "s,one")
                .node("SequenceLength", "three", "s")
                .node("Cast", "count", "three", "to", 1)
                .node("Mul", "scaled", "a,count")
                .node("SequenceConstruct", "pair", "a,scaled")
                .node("ConcatFromSequence", "all", "pair", "axis", 1, "new_axis", 1)
                .weights("big", 2, 2)
                .node("MatMul", "z", "all,big")
                .out("z", "N", "2");
        assertEquals(List.of("w", "big"), FileChecker.check(file.bytes()));
    }

    @Test
    void sequencesAreCarriedThroughLoops() {
        FileModel body = FileModel.body(6)
                .in("i", ElementType.INT64)
                .in("going", ElementType.BOOL)
                .in("parts", sequence())
                .number("zero", 0)
                .node("SequenceAt", "part", "parts,zero")
                .node("Tanh", "next", "part")
                .node("SequenceInsert", "more", "parts,next,zero")
                .node("Identity", "still", "going")
                .outTruth("still")
                .out("more", sequence());
        FileModel file = start().number("trips", 2)
                .truth("yes", true)
                .node("SequenceConstruct", "s", "t")
                .node("Loop", "last", "trips,yes,s", "body", body)
                .node("ConcatFromSequence", "all", "last", "axis", 1)
                .weights("big", 9, 2)
                .node("MatMul", "z", "all,big")
                .out("z", "N", "2");
        assertEquals(List.of("w", "big"), FileChecker.check(file.bytes()));
    }

    private static TypeProto sequence() {
        return TypeProto.newBuilder()
                .setSequenceType(TypeProto.Sequence.newBuilder()
                        .setElemType(TypeProto.newBuilder()
                                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(1))))
                .build();
    }

    @Test
    void aScalarThatComesFirstIsRefusedByName() {
        FileModel file = FileModel.of(17)
                .in("scale")
                .in("x", "N", "4")
                .weights("w", 4, 2)
                .node("Mul", "z", "x,scale")
                .node("MatMul", "y", "z,w")
                .out("y", "N", "2");
        Graph graph = ModelReader.read(file.bytes(), "the file", null);
        MemoryEstimate.requireMemory(graph);
        String message = String.valueOf(assertThrows(
                        InvalidModelException.class,
                        () -> RunningNetwork.of(graph, ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT))
                .getMessage());
        assertTrue(message.contains("the scalar input 'scale'") && message.contains("--input-value scale="), message);
    }
}
