package org.finitentk.internal.onnx;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** All operators of the ONNX standard up to the newest opset that is read, those that it has given up among them. */
public final class StandardOperators {
    private static final String NAMES = """
            Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool
            BatchNormalization Bernoulli BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast
            CastLike Ceil Celu CenterCropPad Clip Col2Im Compress Concat ConcatFromSequence Constant ConstantOfShape
            Conv ConvInteger ConvTranspose Cos Cosh CumSum DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout
            DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements
            GatherND Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample
            GroupNormalization HammingWindow HannWindow HardSigmoid HardSwish Hardmax Identity If ImageDecoder
            InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax
            Loop LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean
            MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul Multinomial Neg NegativeLogLikelihoodLoss
            NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement OptionalHasElement Or PRelu Pad Pow
            QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN RandomNormal RandomNormalLike RandomUniform
            RandomUniformLike Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean
            ReduceMin ReduceProd ReduceSum ReduceSumSquare RegexFullMatch Relu Reshape Resize ReverseSequence RoiAlign
            RotaryEmbedding Round STFT Scan Scatter ScatterElements ScatterND Selu SequenceAt SequenceConstruct
            SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap Shape Shrink Sigmoid Sign Sin Sinh
            Size Slice Softmax SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth Split SplitToSequence Sqrt
            Squeeze StringConcat StringNormalizer StringSplit Sub Sum Swish Tan Tanh TensorScatter TfIdfVectorizer
            ThresholdedRelu Tile TopK Transpose Trilu Unique Unsqueeze Upsample Where Xor
            """;

    /** Their output is integers, at which tangents end. */
    private static final Set<String> OF_INTEGERS =
            Set.of("BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor");

    private StandardOperators() {}

    /**
     * Their names.
     *
     * @return in alphabetical order
     */
    public static Set<String> names() {
        return new TreeSet<>(Arrays.asList(NAMES.strip().split("\\s+")));
    }

    /**
     * Whether an operator makes integers of integers.
     *
     * @param operator a standard operator
     * @return whether no tangent can reach it
     */
    public static boolean isOfIntegers(String operator) {
        return OF_INTEGERS.contains(operator);
    }

    /**
     * Whether an operator is written in others when a file is read, always or where its structure is settled.
     *
     * @param operator a standard operator
     * @return "" if it always is, a condition if it is under that, null if it is not
     */
    public static @Nullable String writtenOut(String operator) {
        return switch (operator) {
            case "Constant", "Scatter", "Upsample" -> "";
            case "If" -> "if constants and fixed sizes decide its condition";
            case "Loop", "Scan" -> "if constants and fixed sizes decide how often its body runs";
            case "DequantizeLinear", "QuantizeLinear" -> "of constants";
            case "Attention" -> "without a past";
            case "DFT", "STFT" -> "of fixed lengths";
            case "Col2Im", "HannWindow", "HammingWindow", "BlackmanWindow", "MelWeightMatrix" -> "of fixed sizes";
            case "Compress", "CenterCropPad" -> "if constants and fixed sizes decide what is taken";
            default ->
                OperatorTraits.SEQUENCES.contains(operator)
                        ? "if constants and fixed sizes decide the structure"
                        : Compounds.operators().contains(operator) ? "" : null;
        };
    }
}
