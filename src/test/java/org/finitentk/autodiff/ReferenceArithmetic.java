package org.finitentk.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.finitentk.autodiff.ReferenceInterpreter.Operator;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;

/** Reference semantics of elementwise operators, reductions, normalizations and matrix products. */
final class ReferenceArithmetic {
    private ReferenceArithmetic() {
    }

    static void register(Map<String, Operator> t) {
        unary(t);
        binary(t);
        t.put("Clip", (n, in) -> List.of(map(in[0], x -> {
            double low = in.length > 1 && in[1] != null ? Math.max(x, in[1].data()[0]) : x;
            return in.length > 2 && in[2] != null ? Math.min(low, in[2].data()[0]) : low;
        })));
        t.put("Where", (n, in) -> List.of(where(in[0], in[1], in[2])));
        t.put("Cast", (n, in) -> List.of(cast(in[0], ElementType.of((int) n.integer("to", 0)))));
        t.put("Softmax", (n, in) -> List.of(softmax(in[0], n, false)));
        t.put("LogSoftmax", (n, in) -> List.of(softmax(in[0], n, true)));
        t.put("BatchNormalization", (n, in) -> List.of(batchNormalization(n, in)));
        t.put("LayerNormalization", (n, in) -> List.of(layerNormalization(n, in)));
        t.put("ReduceSum", (n, in) -> List.of(reduce(n, in, 0, Double::sum)));
        t.put("ReduceMean", (n, in) -> {
            NdArray sum = reduce(n, in, 0, Double::sum);
            int count = in[0].data().length / sum.data().length;
            return List.of(map(sum, s -> s / count));
        });
        t.put("ReduceMax", (n, in) -> List.of(reduce(n, in, Double.NEGATIVE_INFINITY, Math::max)));
        t.put("ReduceMin", (n, in) -> List.of(reduce(n, in, Double.POSITIVE_INFINITY, Math::min)));
        t.put("MatMul", (n, in) -> List.of(matmul(in[0], in[1])));
        t.put("Gemm", (n, in) -> List.of(gemm(n, in)));
    }

    private static void unary(Map<String, Operator> t) {
        unary(t, "Neg", x -> -x);
        unary(t, "Sqrt", Math::sqrt);
        unary(t, "Exp", Math::exp);
        unary(t, "Log", Math::log);
        unary(t, "Abs", Math::abs);
        unary(t, "Sign", Math::signum);
        unary(t, "Floor", Math::floor);
        unary(t, "Reciprocal", x -> 1 / x);
        unary(t, "Tanh", Math::tanh);
        unary(t, "Sigmoid", x -> 1 / (1 + Math.exp(-x)));
        unary(t, "Relu", x -> Math.max(x, 0));
        unary(t, "Softplus", x -> x > 30 ? x : Math.log1p(Math.exp(x)));
        unary(t, "Erf", ReferenceArithmetic::erf);
        unary(t, "Sin", Math::sin);
        unary(t, "Cos", Math::cos);
        unary(t, "HardSwish", x -> x * Math.max(0, Math.min(1, x / 6 + 0.5)));
        t.put("Gelu", (n, in) -> List.of(map(in[0], x -> n.string("approximate", "none").equals("tanh")
            ? x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) : x / 2 * (1 + erf(x / Math.sqrt(2))))));
        unary(t, "Identity", x -> x);
        t.put("IsInf", (n, in) -> List.of(map(in[0], x -> Double.isInfinite(x) ? 1 : 0)));
        t.put("IsNaN", (n, in) -> List.of(map(in[0], x -> Double.isNaN(x) ? 1 : 0)));
        t.put("Not", (n, in) -> List.of(map(in[0], x -> x == 0 ? 1 : 0)));
        t.put("LeakyRelu", (n, in) -> List.of(map(in[0], x -> x < 0 ? n.real("alpha", 0.01f) * x : x)));
        t.put("HardSigmoid", (n, in) -> List.of(map(in[0], x -> Math.max(0, Math.min(1, (double) n.real("alpha", 0.2f) * x + n.real("beta", 0.5f))))));
        t.put("Elu", (n, in) -> List.of(map(in[0], x -> x < 0 ? n.real("alpha", 1) * Math.expm1(x) : x)));
        t.put("Selu", (n, in) -> List.of(map(in[0], x -> (double) n.real("gamma", 1.050701f)
            * (x <= 0 ? n.real("alpha", 1.6732632f) * Math.expm1(x) : x))));
        t.put("Dropout", (n, in) -> {
            NdArray mask = new NdArray(ElementType.BOOL, in[0].shape(), new double[in[0].data().length]);
            Arrays.fill(mask.data(), 1);
            return List.of(in[0], mask);
        });
    }

    private static void unary(Map<String, Operator> t, String op, DoubleUnaryOperator f) {
        t.put(op, (n, in) -> List.of(map(in[0], f)));
    }

    private static NdArray map(NdArray x, DoubleUnaryOperator f) {
        return new NdArray(x.type(), x.shape(), Arrays.stream(x.data()).map(f).toArray());
    }

    /** The series of erf where it converges fast, else the continued fraction of erfc; both to float64 precision. */
    static double erf(double x) {
        double z = Math.abs(x);
        if (z < 2.5) {
            double term = z;
            double sum = z;
            for (int k = 1; k < 120; k++) {
                term *= -z * z / k;
                sum += term / (2 * k + 1);
            }
            return Math.signum(x) * sum * 2 / Math.sqrt(Math.PI);
        }
        double fraction = 0;
        for (int k = 120; k >= 1; k--) {
            fraction = k / 2.0 / (z + fraction);
        }
        return Math.signum(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction));
    }

    private static void binary(Map<String, Operator> t) {
        binary(t, "Add", Double::sum);
        binary(t, "Sub", (a, b) -> a - b);
        binary(t, "Mul", (a, b) -> a * b);
        t.put("Div", (n, in) -> List.of(broadcast(in[0], in[1], in[0].type(), in[0].type().isDifferentiable() ? (a, b) -> a / b : (a, b) -> (long) (a / b))));
        binary(t, "Pow", Math::pow);
        binary(t, "PRelu", (x, slope) -> x < 0 ? slope * x : x);
        fold(t, "Min", Math::min);
        fold(t, "Max", Math::max);
        fold(t, "Sum", Double::sum);
        comparison(t, "Equal", (a, b) -> a == b ? 1 : 0);
        comparison(t, "Less", (a, b) -> a < b ? 1 : 0);
        comparison(t, "Greater", (a, b) -> a > b ? 1 : 0);
        comparison(t, "LessOrEqual", (a, b) -> a <= b ? 1 : 0);
        comparison(t, "GreaterOrEqual", (a, b) -> a >= b ? 1 : 0);
        comparison(t, "And", (a, b) -> a * b);
        comparison(t, "Or", Math::max);
    }

    private static void fold(Map<String, Operator> t, String op, DoubleBinaryOperator f) {
        t.put(op, (n, in) -> List.of(Arrays.stream(in).reduce((a, b) -> broadcast(a, b, a.type(), f)).orElseThrow()));
    }

    private static void binary(Map<String, Operator> t, String op, DoubleBinaryOperator f) {
        t.put(op, (n, in) -> List.of(broadcast(in[0], in[1], in[0].type(), f)));
    }

    private static void comparison(Map<String, Operator> t, String op, DoubleBinaryOperator f) {
        t.put(op, (n, in) -> List.of(broadcast(in[0], in[1], ElementType.BOOL, f)));
    }

    static NdArray broadcast(NdArray a, NdArray b, ElementType type, DoubleBinaryOperator f) {
        int[] shape = NdArray.broadcastShape(a.shape(), b.shape());
        double[] out = new double[NdArray.count(shape)];
        for (int i = 0; i < out.length; i++) {
            int[] index = NdArray.index(i, shape);
            out[i] = f.applyAsDouble(a.broadcast(index), b.broadcast(index));
        }
        return new NdArray(type, shape, out);
    }

    private static NdArray where(NdArray condition, NdArray a, NdArray b) {
        int[] shape = NdArray.broadcastShape(condition.shape(), NdArray.broadcastShape(a.shape(), b.shape()));
        double[] out = new double[NdArray.count(shape)];
        for (int i = 0; i < out.length; i++) {
            int[] index = NdArray.index(i, shape);
            out[i] = (condition.broadcast(index) != 0 ? a : b).broadcast(index);
        }
        return new NdArray(a.type(), shape, out);
    }

    /** Floats stay float64 whatever their width; integers are truncated; booleans are 0 and 1. */
    private static NdArray cast(NdArray x, ElementType to) {
        DoubleUnaryOperator f = to == ElementType.BOOL ? v -> v != 0 ? 1 : 0 : to.isDifferentiable() ? v -> v : v -> (long) v;
        return new NdArray(to, x.shape(), Arrays.stream(x.data()).map(f).toArray());
    }

    private static NdArray softmax(NdArray x, Node node, boolean log) {
        int axis = ReferenceInterpreter.axis(node.integer("axis", -1), x.rank());
        NdArray out = NdArray.zeros(x.type(), x.shape());
        for (int i = 0; i < out.data().length; i++) {
            int[] index = NdArray.index(i, x.shape());
            double max = Double.NEGATIVE_INFINITY;
            double sum = 0;
            int[] other = index.clone();
            for (other[axis] = 0; other[axis] < x.shape()[axis]; other[axis]++) {
                max = Math.max(max, x.at(other));
            }
            for (other[axis] = 0; other[axis] < x.shape()[axis]; other[axis]++) {
                sum += Math.exp(x.at(other) - max);
            }
            double logProbability = x.data()[i] - max - Math.log(sum);
            out.data()[i] = log ? logProbability : Math.exp(logProbability);
        }
        return out;
    }

    private static NdArray batchNormalization(Node node, NdArray[] in) {
        NdArray out = NdArray.zeros(in[0].type(), in[0].shape());
        for (int i = 0; i < out.data().length; i++) {
            int c = in[0].rank() > 1 ? NdArray.index(i, in[0].shape())[1] : 0;
            double deviation = Math.sqrt(in[4].data()[c] + node.real("epsilon", 1e-5f));
            out.data()[i] = (in[0].data()[i] - in[3].data()[c]) / deviation * in[1].data()[c] + in[2].data()[c];
        }
        return out;
    }

    private static NdArray layerNormalization(Node node, NdArray[] in) {
        NdArray x = in[0];
        NdArray out = NdArray.zeros(x.type(), x.shape());
        int first = ReferenceInterpreter.axis(node.integer("axis", -1), x.rank());
        int size = NdArray.count(Arrays.copyOfRange(x.shape(), first, x.rank()));
        for (int from = 0; from < x.data().length; from += size) {
            double mean = Arrays.stream(x.data(), from, from + size).average().orElseThrow();
            double variance = Arrays.stream(x.data(), from, from + size).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
            for (int i = 0; i < size; i++) {
                double z = (x.data()[from + i] - mean) / Math.sqrt(variance + node.real("epsilon", 1e-5f));
                out.data()[from + i] = z * in[1].data()[i] + (in.length > 2 && in[2] != null ? in[2].data()[i] : 0);
            }
        }
        return out;
    }

    private static NdArray reduce(Node node, NdArray[] in, double start, DoubleBinaryOperator f) {
        NdArray x = in[0];
        boolean[] reduced = new boolean[x.rank()];
        long[] axes = in.length > 1 && in[1] != null ? in[1].longs() : new long[0];
        if (axes.length == 0) {
            if (node.integer("noop_with_empty_axes", 0) != 0) {
                return x;
            }
            Arrays.fill(reduced, true);
        }
        for (long axis : axes) {
            reduced[ReferenceInterpreter.axis(axis, x.rank())] = true;
        }
        int[] kept = x.shape().clone();
        List<Integer> dropped = new ArrayList<>();
        for (int i = 0; i < kept.length; i++) {
            if (reduced[i]) {
                kept[i] = 1;
            } else {
                dropped.add(kept[i]);
            }
        }
        NdArray sum = NdArray.zeros(x.type(), kept);
        Arrays.fill(sum.data(), start);
        for (int i = 0; i < x.data().length; i++) {
            int[] index = NdArray.index(i, x.shape());
            for (int d = 0; d < kept.length; d++) {
                index[d] = reduced[d] ? 0 : index[d];
            }
            sum.data()[sum.flat(index)] = f.applyAsDouble(sum.data()[sum.flat(index)], x.data()[i]);
        }
        boolean keep = node.integer("keepdims", 1) != 0;
        return keep ? sum : sum.reshaped(dropped.stream().mapToInt(Integer::intValue).toArray());
    }

    static NdArray matmul(NdArray left, NdArray right) {
        NdArray a = left.rank() == 1 ? left.reshaped(1, left.shape()[0]) : left;
        NdArray b = right.rank() == 1 ? right.reshaped(right.shape()[0], 1) : right;
        int rows = a.shape()[a.rank() - 2];
        int inner = a.shape()[a.rank() - 1];
        int columns = b.shape()[b.rank() - 1];
        if (inner != b.shape()[b.rank() - 2]) {
            throw new IllegalArgumentException("inner sizes differ");
        }
        int[] batch = NdArray.broadcastShape(Arrays.copyOf(a.shape(), a.rank() - 2), Arrays.copyOf(b.shape(), b.rank() - 2));
        int[] full = Arrays.copyOf(batch, batch.length + 2);
        full[batch.length] = rows;
        full[batch.length + 1] = columns;
        NdArray out = NdArray.zeros(a.type(), full);
        for (int i = 0; i < out.data().length; i++) {
            int[] ia = NdArray.index(i, full);
            int[] ib = ia.clone();
            double sum = 0;
            for (int t = 0; t < inner; t++) {
                ia[full.length - 1] = t;
                ib[full.length - 2] = t;
                sum += a.broadcast(ia) * b.broadcast(ib);
            }
            out.data()[i] = sum;
        }
        List<Integer> shape = new ArrayList<>(Arrays.stream(batch).boxed().toList());
        if (left.rank() > 1) {
            shape.add(rows);
        }
        if (right.rank() > 1) {
            shape.add(columns);
        }
        return out.reshaped(shape.stream().mapToInt(Integer::intValue).toArray());
    }

    private static NdArray gemm(Node node, NdArray[] in) {
        NdArray a = node.integer("transA", 0) != 0 ? ReferenceMovement.transpose(in[0], 1, 0) : in[0];
        NdArray b = node.integer("transB", 0) != 0 ? ReferenceMovement.transpose(in[1], 1, 0) : in[1];
        float alpha = node.real("alpha", 1);
        NdArray product = map(matmul(a, b), x -> x * alpha);
        if (in.length < 3 || in[2] == null) {
            return product;
        }
        float beta = node.real("beta", 1);
        return broadcast(product, in[2], product.type(), (p, c) -> p + beta * c);
    }
}
