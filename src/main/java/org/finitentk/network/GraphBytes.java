package org.finitentk.network;

import ai.onnx.proto.OnnxMl;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ValueInfo;

final class GraphBytes {
    private GraphBytes() {
    }

    static byte[] of(Graph graph) {
        OnnxMl.GraphProto.Builder g = OnnxMl.GraphProto.newBuilder().setName(graph.name());
        graph.inputs().forEach(v -> g.addInput(info(v)));
        graph.outputs().forEach(v -> g.addOutput(info(v)));
        graph.initializers().forEach((n, t) -> g.addInitializer(t.toProto(n)));
        graph.nodes().forEach(n -> g.addNode(OnnxMl.NodeProto.newBuilder().setName(n.name()).setDomain(n.domain()).setOpType(n.op())
            .addAllInput(n.inputs()).addAllOutput(n.outputs()).addAllAttribute(n.attributes().values())));
        return OnnxMl.ModelProto.newBuilder().setIrVersion(10).setGraph(g)
            .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(Graph.OPSET)).build().toByteArray();
    }

    private static OnnxMl.ValueInfoProto info(ValueInfo v) {
        OnnxMl.TensorShapeProto.Builder shape = OnnxMl.TensorShapeProto.newBuilder();
        for (int i = 0; i < v.dims().size(); i++) {
            shape.addDim(v.isFixed(i) ? OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(v.dim(i))
                : OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimParam(v.dims().get(i)));
        }
        return OnnxMl.ValueInfoProto.newBuilder().setName(v.name()).setType(OnnxMl.TypeProto.newBuilder().setTensorType(
            OnnxMl.TypeProto.Tensor.newBuilder().setElemType(v.type().code()).setShape(shape))).build();
    }
}
