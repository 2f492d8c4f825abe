package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * Operators that a network cannot have, whether or not a tangent flows through them: those that draw random numbers or
 * learn from the batch, since f would be another function at every run, and arithmetic in integers that stand for
 * rounded reals, whose derivative is zero or not defined. Constants that were quantized are no matter of this:
 * {@link Dequantization} makes them float weights.
 */
public final class ForbiddenOperators {
    private static final Set<String> RANDOM = Set.of(
            "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial");
    private static final Set<String> QUANTIZED = Set.of(
            "QuantizeLinear",
            "DequantizeLinear",
            "DynamicQuantizeLinear",
            "QLinearConv",
            "QLinearMatMul",
            "ConvInteger",
            "MatMulInteger");
    /**
     * ONNX Runtime's own: QAttention, QLinearAdd, MatMulNBits, DynamicQuantizeMatMul, GatherBlockQuantized and their
     * like.
     */
    private static final Pattern MICROSOFT_QUANTIZED =
            Pattern.compile("Q[A-Z].*|.*Quantize.*|.*Integer.*|MatMul(NBits|Bnb4|FpQ4)|.*BFP");

    private static final Set<String> MICROSOFT_DROPOUT = Set.of("BiasDropout", "BitmaskDropout", "BitmaskBiasDropout");
    private static final String MICROSOFT = "com.microsoft";
    /** Layouts that ONNX Runtime chooses for the processor at hand. */
    private static final Set<String> OPTIMIZED_DOMAINS = Set.of("com.microsoft.nchwc", "com.ms.internal.nhwc");
    /** What ONNX Runtime's optimizers write instead of several operators, their weights among the inputs. */
    private static final Pattern OPTIMIZED =
            Pattern.compile("(?!Q[A-Z])(Fused.*|TransposeMatMul|Skip.*|.*Attention|Embed.*"
                    + "|Simplified.*|Nhwc.*|GroupNorm|Bias(Softmax|SplitGelu|Add)|Gemm(FastGelu|Float8)|.*RotaryEmbedding"
                    + "|.*RelativePositionBias|RemovePadding|RestorePadding|ConvTransposeWithDynamicPads|Packed.*|MoE"
                    + "|DecoderMasked.*|UnfusedAttention|Conv.*Activation|LayerNormalization|CDist|MatMul.*Bias)");
    /** Codes of the element types of 8-bit floats and of anything below 8 bits, in Cast. */
    private static final int FIRST_NARROW = 17;

    private ForbiddenOperators() {}

    /**
     * Refuses a network that computes an output with such an operator. What the output does not need is not looked at.
     *
     * @param graph the network
     * @param output the name of the output that is to be linearized
     * @throws InvalidModelException in one sentence that names the node and says how to export the network instead
     */
    public static void requireNone(Graph graph, String output) {
        List<ValueInfo> only =
                graph.outputs().stream().filter(o -> o.name().equals(output)).toList();
        Graph needed =
                new Graph(graph.name(), graph.inputs(), only, graph.initializers(), graph.nodes()).withoutUnneeded();
        needed.nodes().forEach(ForbiddenOperators::requireAllowed);
    }

    private static void requireAllowed(Node node) {
        String unreadable = Unreadable.reason(node);
        if (unreadable != null) {
            throw new InvalidModelException(unreadable);
        }
        String why = reason(node);
        if (why != null) {
            throw new InvalidModelException(node.describe() + " " + why);
        }
        node.attributes().values().forEach(ForbiddenOperators::requireAllowed);
    }

    private static void requireAllowed(AttributeProto attribute) {
        if (attribute.hasG()) {
            requireAllowed(attribute.getG());
        }
        attribute.getGraphsList().forEach(ForbiddenOperators::requireAllowed);
    }

    private static void requireAllowed(GraphProto body) {
        for (NodeProto node : body.getNodeList()) {
            requireAllowed(Node.of(node));
        }
    }

    private static @Nullable String reason(Node node) {
        boolean standard = node.domain().isEmpty();
        boolean microsoft = node.domain().equals(MICROSOFT);
        if (standard && node.op().equals("Dropout") && node.hasInput(2)
                || microsoft && MICROSOFT_DROPOUT.contains(node.op())) {
            return "is in training mode, or its input training_mode is no constant false; expected a network "
                    + "exported for inference: call model.eval() and export with " + "training=TrainingMode.EVAL";
        }
        if (standard && node.op().equals("BatchNormalization") && node.integer("training_mode", 0) != 0) {
            return "is in training mode; expected a network exported for inference: call model.eval() and export "
                    + "with training=TrainingMode.EVAL";
        }
        if (standard && node.op().equals("Constant")) {
            return "has a value that is no tensor of numbers, such as text, and the network's output needs it; "
                    + "expected numbers, so leave what makes numbers of it out of the file and feed these";
        }
        if (standard && RANDOM.contains(node.op())) {
            return "draws random numbers, so that the network's output is another at every run; expected a "
                    + "network exported for inference (model.eval(), "
                    + "training=TrainingMode.EVAL), with its random numbers as an input if it needs any";
        }
        if (OPTIMIZED_DOMAINS.contains(node.domain())
                || microsoft && OPTIMIZED.matcher(node.op()).matches()
                || standard && node.op().equals("SimplifiedLayerNormalization")) {
            return "was written by an optimizer of ONNX Runtime, which joins several operators into one of its own; "
                    + "use the file before optimization";
        }
        boolean narrow = standard && node.op().equals("Cast") && node.integer("to", 1) >= FIRST_NARROW;
        if (narrow
                || standard && QUANTIZED.contains(node.op())
                || microsoft && MICROSOFT_QUANTIZED.matcher(node.op()).matches()) {
            return "computes with quantized values, through which there is no derivative; use the float file that "
                    + "the network was quantized from, or export it before "
                    + "quantization (constant weights before DequantizeLinear are accepted)";
        }
        return null;
    }
}
