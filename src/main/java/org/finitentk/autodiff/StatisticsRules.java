package org.finitentk.autodiff;

import java.util.Arrays;
import org.finitentk.onnx.Attributes;
import org.finitentk.onnx.Shape;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.Value;

/** Normalizations by statistics of the data itself, written as LayerNormalization, pooling and arithmetic. */
final class StatisticsRules {
    private StatisticsRules() {
    }

    static void register(Rules r) {
        r.lower("InstanceNormalization", n -> {
            Shape x = n.in(0).shape();
            n.result(scaled(n, standardized(n, x.slice(0, 2).concat(n.requireStatic(x.slice(2, x.rank()), "spatial size").product(0, x.rank() - 2)))));
        });
        r.lower("GroupNormalization", n -> {
            Shape x = n.in(0).shape();
            Shape inner = n.requireStatic(x.slice(1, x.rank()), "size").product(0, x.rank() - 1);
            long groups = n.node().integer("num_groups", 1);
            n.result(scaled(n, standardized(n, x.slice(0, 1).append(groups).concat(inner.quotient(0, Shape.of(groups), 0)))));
        });
        r.lower("MeanVarianceNormalization", n -> {
            Algebra a = n.algebra();
            long[] given = n.node().integers("axes");
            long[] axes = Arrays.stream(given == null ? new long[] {0, 2, 3} : given).map(axis -> axis < 0 ? axis + n.in(0).rank() : axis).toArray();
            Value centered = a.sub(n.in(0), a.mean(n.in(0), axes));
            Shape sizes = n.in(0).shape();
            boolean known = Arrays.stream(axes).allMatch(axis -> sizes.dim((int) axis) >= 0);
            double count = Arrays.stream(axes).map(axis -> sizes.dim((int) axis)).reduce(1, (s, t) -> s * t);
            // a norm has a derivative that is an ordinary number, whatever the data; a root of a mean has not
            Value deviation = known ? a.mul(a.op("ReduceL2", centered, a.builder().vector(axes)), 1 / Math.sqrt(count)) : a.op("Sqrt", a.mean(a.mul(centered, centered), axes));
            n.result(a.div(centered, a.add(deviation, 1e-9)));
        });
        r.lower("LpNormalization", n -> {
            Algebra a = n.algebra();
            String norm = n.node().integer("p", 2) == 1 ? "ReduceL1" : "ReduceL2";
            Value length = a.op(norm, n.in(0), a.builder().vector(n.axis("axis", -1)));
            // ONNX Runtime leaves zeros as they are
            Value divisor = a.op("Where", a.op("Equal", length, a.scalar(length, 0)), a.scalar(length, 1), length);
            n.result(a.div(n.in(0), divisor));
        });
        r.lower("LRN", StatisticsRules::acrossChannels);
    }

    /** Input 0 in another shape, standardized along the last axis of that, and shaped back. */
    private static Value standardized(Rewrite n, Shape rows) {
        Algebra a = n.algebra();
        double[] ones = new double[(int) rows.dim(rows.rank() - 1)];
        Arrays.fill(ones, 1);
        Value scale = a.builder().constant(Tensor.ofReals(n.in(0).type(), ones, ones.length));
        Attributes attributes = new Attributes().integer("axis", -1).real("epsilon", n.node().real("epsilon", 1e-5f));
        return a.reshape(a.op("LayerNormalization", attributes, a.reshape(n.in(0), rows), scale), n.in(0).shape());
    }

    /** With scale and bias of the channels. */
    private static Value scaled(Rewrite n, Value standardized) {
        Algebra a = n.algebra();
        long[] ones = new long[standardized.rank() - 2];
        Arrays.fill(ones, 1);
        Value scale = a.reshape(n.in(1), n.in(1).shape().append(ones));
        return a.add(a.mul(standardized, scale), a.reshape(n.in(2), n.in(2).shape().append(ones)));
    }

    /** x / (bias + alpha · mean of x² over the channels beside)^beta, with zeros beyond the first and the last channel. */
    private static void acrossChannels(Rewrite n) {
        Algebra a = n.algebra();
        Value x = n.in(0);
        long size = n.node().integer("size", 1);
        Shape planes = x.shape().slice(0, 1).append(1).concat(x.shape().slice(1, 2)).concat(x.shape().product(2, x.rank()));
        Attributes window = new Attributes().integers("kernel_shape", size, 1).integers("pads", (size - 1) / 2, 0, size / 2, 0).integer("count_include_pad", 1);
        Value mean = a.reshape(a.op("AveragePool", window, a.reshape(a.mul(x, x), planes)), x.shape());
        Value base = a.add(a.mul(mean, n.node().real("alpha", 1e-4f)), n.node().real("bias", 1));
        n.result(a.div(x, a.op("Pow", base, a.scalar(x, n.node().real("beta", 0.75f)))));
    }
}
