package org.finitentk.internal.autodiff;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ValueInfo;

/** One graph in ONNX Runtime, for comparison with the reference interpreter; float32, float64 and int64 only. */
final class OrtRunner implements AutoCloseable {
    private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

    private final OrtSession session;

    OrtRunner(Graph graph) throws OrtException {
        this(serialize(graph, Graph.OPSET), graph.hasDoubles());
    }

    OrtRunner(byte[] model) throws OrtException {
        this(model, false);
    }

    /** With or without the fusions that take float64 for float32, as the product has it. */
    private OrtRunner(byte[] model, boolean doubles) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            if (doubles) {
                options.addConfigEntry(
                        "optimization.disable_specified_optimizers",
                        "QuickGeluFusion;LayerNormFusionL1;LayerNormFusionL2;SimplifiedLayerNormFusion;"
                                + "MatMulScaleFusion;FuseReluClip");
            }
            options.setIntraOpNumThreads(1);
            options.setSessionLogLevel(ai.onnxruntime.OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            session = ENVIRONMENT.createSession(model, options);
        }
    }

    Map<String, NdArray> run(Map<String, NdArray> feeds) throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            for (String name : session.getInputNames()) {
                NdArray a = feeds.get(name);
                if (a != null) {
                    inputs.put(name, tensor(a));
                }
            }
            Map<String, NdArray> outputs = new HashMap<>();
            try (OrtSession.Result result = session.run(inputs)) {
                for (Map.Entry<String, ai.onnxruntime.OnnxValue> e : result) {
                    outputs.put(e.getKey(), array((OnnxTensor) e.getValue()));
                }
            }
            return outputs;
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor tensor(NdArray a) throws OrtException {
        long[] shape = java.util.Arrays.stream(a.shape()).asLongStream().toArray();
        if (a.type() == ElementType.INT64) {
            return OnnxTensor.createTensor(ENVIRONMENT, LongBuffer.wrap(a.longs()), shape);
        }
        if (a.type() == ElementType.DOUBLE) {
            return OnnxTensor.createTensor(ENVIRONMENT, DoubleBuffer.wrap(a.data()), shape);
        }
        float[] floats = new float[a.data().length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) a.data()[i];
        }
        return OnnxTensor.createTensor(ENVIRONMENT, FloatBuffer.wrap(floats), shape);
    }

    private static NdArray array(OnnxTensor t) {
        if (t.getInfo().type == OnnxJavaType.DOUBLE) {
            double[] doubles = new double[t.getDoubleBuffer().remaining()];
            t.getDoubleBuffer().get(doubles);
            return new NdArray(ElementType.DOUBLE, NdArray.ints(t.getInfo().getShape()), doubles);
        }
        FloatBuffer floats = t.getFloatBuffer();
        double[] out = new double[floats.remaining()];
        for (int i = 0; i < out.length; i++) {
            out[i] = floats.get(i);
        }
        return new NdArray(ElementType.FLOAT, NdArray.ints(t.getInfo().getShape()), out);
    }

    /** A model file that declares an opset, whatever form the nodes have. */
    static byte[] serialize(Graph graph, long opset) {
        GraphProto.Builder g = GraphProto.newBuilder().setName(graph.name());
        graph.inputs().forEach(i -> g.addInput(info(i)));
        graph.outputs().forEach(o -> g.addOutput(info(o)));
        graph.initializers().forEach((name, tensor) -> g.addInitializer(tensor.toProto(name)));
        for (Node n : graph.nodes()) {
            g.addNode(NodeProto.newBuilder()
                    .setName(n.name())
                    .setOpType(n.op())
                    .addAllInput(n.inputs())
                    .addAllOutput(n.outputs())
                    .addAllAttribute(n.attributes().values()));
        }
        return ModelProto.newBuilder()
                .setIrVersion(10)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset))
                .setGraph(g)
                .build()
                .toByteArray();
    }

    private static ValueInfoProto info(ValueInfo info) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (int i = 0; i < info.dims().size(); i++) {
            TensorShapeProto.Dimension.Builder dim = TensorShapeProto.Dimension.newBuilder();
            shape.addDim(
                    info.isFixed(i)
                            ? dim.setDimValue(info.dim(i))
                            : dim.setDimParam(info.dims().get(i)));
        }
        TypeProto.Tensor.Builder tensor =
                TypeProto.Tensor.newBuilder().setElemType(info.type().code());
        if (!info.dims().isEmpty()) {
            tensor.setShape(shape);
        }
        return ValueInfoProto.newBuilder()
                .setName(info.name())
                .setType(TypeProto.newBuilder().setTensorType(tensor))
                .build();
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
