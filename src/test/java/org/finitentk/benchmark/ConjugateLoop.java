package org.finitentk.benchmark;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.runtime.GraphRunner;
import org.finitentk.internal.runtime.RunSettings;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/**
 * Conjugate gradients for (J Jᵀ + σ² I) x = b with all iterations inside one ONNX {@code Loop}, so that b goes to the
 * device once and x comes back once. In the network's precision and without any test of residuals; it is here to be
 * timed against iterations that are driven from outside.
 */
final class ConjugateLoop implements AutoCloseable {
    private final GraphRunner runner;
    private final int rows;

    /**
     * Makes the graph.
     *
     * @param product takes [n, k] and gives J Jᵀ of it
     * @param n examples
     * @param k outputs
     * @param noise σ²
     * @param iterations how many
     * @param settings where it runs
     */
    ConjugateLoop(Graph product, int n, int k, double noise, int iterations, RunSettings settings) {
        this.rows = n * k;
        List<String> shape = List.of(Integer.toString(n), Integer.toString(k));
        AttributeProto body = AttributeProto.newBuilder()
                .setName("body")
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(body(product, n, k))
                .build();
        List<Node> nodes = List.of(
                new Node("zero", "", "Sub", List.of("b", "b"), List.of("x0"), Map.of()),
                new Node("square", "", "Mul", List.of("b", "b"), List.of("bb"), Map.of()),
                new Node(
                        "norm",
                        "",
                        "ReduceSum",
                        List.of("bb"),
                        List.of("rz0"),
                        Map.of("keepdims", integer("keepdims", 1))),
                new Node(
                        "loop",
                        "",
                        "Loop",
                        List.of("trips", "", "x0", "b", "b", "rz0"),
                        List.of("x", "r", "p", "rz"),
                        Map.of("body", body)));
        Graph graph = new Graph(
                "conjugate_gradients",
                List.of(new ValueInfo("b", ElementType.FLOAT, shape)),
                List.of(new ValueInfo("x", ElementType.FLOAT, shape)),
                Map.of(
                        "trips",
                        Tensor.vector(iterations).reshaped(),
                        "noise",
                        Tensor.ofFloats(new float[] {(float) noise}, 1, 1)),
                nodes);
        this.runner = new GraphRunner(graph, settings);
    }

    private static GraphProto body(Graph product, int n, int k) {
        GraphProto inner;
        try {
            inner = ModelProto.parseFrom(ModelWriter.toBytes(product)).getGraph();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
        String u = product.inputs().get(0).name();
        GraphProto.Builder body =
                GraphProto.newBuilder().setName("iteration").addAllInitializer(inner.getInitializerList());
        body.addInput(info("loop_i", 7))
                .addInput(info("loop_go", 9))
                .addInput(info("loop_x", 1, n, k))
                .addInput(info("loop_r", 1, n, k))
                .addInput(info(u, 1, n, k))
                .addInput(info("loop_rz", 1, 1, 1));
        body.addAllNode(inner.getNodeList());
        body.addNode(node("Mul", "loop_shift", u, "noise"))
                .addNode(node("Add", "loop_ap", product.outputs().get(0).name(), "loop_shift"));
        body.addNode(node("Mul", "loop_pap", u, "loop_ap")).addNode(sum("loop_curvature", "loop_pap"));
        body.addNode(node("Div", "loop_step", "loop_rz", "loop_curvature"));
        body.addNode(node("Mul", "loop_sp", "loop_step", u)).addNode(node("Add", "loop_x2", "loop_x", "loop_sp"));
        body.addNode(node("Mul", "loop_sap", "loop_step", "loop_ap"))
                .addNode(node("Sub", "loop_r2", "loop_r", "loop_sap"));
        body.addNode(node("Mul", "loop_rr", "loop_r2", "loop_r2")).addNode(sum("loop_rz2", "loop_rr"));
        body.addNode(node("Div", "loop_ratio", "loop_rz2", "loop_rz"))
                .addNode(node("Mul", "loop_turned", "loop_ratio", u))
                .addNode(node("Add", "loop_p2", "loop_r2", "loop_turned"));
        body.addNode(node("Identity", "loop_go2", "loop_go"));
        body.addOutput(info("loop_go2", 9))
                .addOutput(info("loop_x2", 1, n, k))
                .addOutput(info("loop_r2", 1, n, k))
                .addOutput(info("loop_p2", 1, n, k))
                .addOutput(info("loop_rz2", 1, 1, 1));
        return body.build();
    }

    private static NodeProto node(String op, String output, String... inputs) {
        return NodeProto.newBuilder()
                .setName(output)
                .setOpType(op)
                .addAllInput(List.of(inputs))
                .addOutput(output)
                .build();
    }

    private static NodeProto sum(String output, String input) {
        return node("ReduceSum", output, input).toBuilder()
                .addAttribute(integer("keepdims", 1))
                .build();
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static ValueInfoProto info(String name, int type, int... dims) {
        ai.onnx.proto.OnnxMl.TensorShapeProto.Builder shape = ai.onnx.proto.OnnxMl.TensorShapeProto.newBuilder();
        for (int dim : dims) {
            shape.addDim(
                    ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
                .build();
    }

    /** All iterations. */
    double[] solve(double[] b) {
        Tensor right = Tensor.ofReals(
                ElementType.FLOAT,
                b,
                runner.inputs().get(0).dim(0),
                runner.inputs().get(0).dim(1));
        double[] x = runner.run(Map.of("b", right)).values().iterator().next().toDoubles();
        if (x.length != rows) {
            throw new IllegalStateException("the loop gives " + x.length + " elements; expected " + rows);
        }
        return x;
    }

    @Override
    public void close() {
        runner.close();
    }
}
