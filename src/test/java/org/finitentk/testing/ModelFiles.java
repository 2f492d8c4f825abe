package org.finitentk.testing;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;
import java.util.function.Consumer;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** Model files put together by hand, also such as nobody should write. */
public final class ModelFiles {
    private ModelFiles() {}

    public static byte[] model(long opset, Consumer<GraphProto.Builder> graph) {
        return proto(opset, graph).build().toByteArray();
    }

    public static ModelProto.Builder proto(long opset, Consumer<GraphProto.Builder> graph) {
        GraphProto.Builder g = GraphProto.newBuilder().setName("g");
        graph.accept(g);
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
                .setGraph(g);
    }

    /** x [batch, 3] times w [3, 2] gives y. */
    public static Consumer<GraphProto.Builder> dense() {
        return g -> g.addInput(value("x", ElementType.FLOAT, "batch", "3"))
                .addOutput(value("y", ElementType.FLOAT, "batch", "2"))
                .addInitializer(weight("w", 3, 2))
                .addNode(node("MatMul", "y", "x", "w"));
    }

    public static Consumer<GraphProto.Builder> dense(Consumer<GraphProto.Builder> change) {
        return dense().andThen(change);
    }

    public static ai.onnx.proto.OnnxMl.TensorProto weight(String name, long... shape) {
        float[] values = new float[(int) Tensor.count(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i + 1);
        }
        return Tensor.ofFloats(values, shape).toProto(name);
    }

    public static NodeProto.Builder node(String op, String output, String... inputs) {
        return NodeProto.newBuilder()
                .setName("the_" + output)
                .setOpType(op)
                .addAllInput(List.of(inputs))
                .addOutput(output);
    }

    public static ValueInfoProto value(String name, ElementType type, String... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (String dim : dims) {
            if (dim.matches("-?\\d+")) {
                shape.addDimBuilder().setDimValue(Long.parseLong(dim));
            } else {
                shape.addDimBuilder().setDimParam(dim);
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.code())
                                .setShape(shape)))
                .build();
    }
}
