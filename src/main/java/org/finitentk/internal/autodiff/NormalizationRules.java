package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.Tensor;

/**
 * Normalizations. BatchNormalization is in inference mode: an affine map per channel with statistics that are fixed, or
 * computed by other nodes. Those by statistics of the data itself are written as LayerNormalization, pooling and
 * arithmetic.
 */
final class NormalizationRules {
    private NormalizationRules() {}

    static void register(RuleTable r) {
        // y = (x - mean) / sqrt(var + epsilon) * scale + bias, by all five
        r.jvp("BatchNormalization", NormalizationRules::batchNormalization);
        // y = z * scale + bias with z = (x - mean) / sqrt(var + epsilon), mean and var over the last axes
        r.jvp("LayerNormalization", NormalizationRules::layerNormalization);
        r.lower("InstanceNormalization", n -> {
            Shape x = n.in(0).shape();
            n.result(scaled(
                    n,
                    standardized(
                            n,
                            x.slice(0, 2)
                                    .concat(n.requireStatic(x.slice(2, x.rank()), "spatial size")
                                            .product(0, x.rank() - 2)))));
        });
        r.lower("GroupNormalization", n -> {
            Shape x = n.in(0).shape();
            Shape inner = n.requireStatic(x.slice(1, x.rank()), "size").product(0, x.rank() - 1);
            long groups = n.node().integer("num_groups", 1);
            n.result(scaled(
                    n, standardized(n, x.slice(0, 1).append(groups).concat(inner.quotient(0, Shape.of(groups), 0)))));
        });
        r.lower("MeanVarianceNormalization", n -> {
            Algebra a = n.algebra();
            long[] given = n.node().integers("axes");
            long[] axes = Arrays.stream(given == null ? new long[] {0, 2, 3} : given)
                    .map(axis -> axis < 0 ? axis + n.in(0).rank() : axis)
                    .toArray();
            Value centered = a.sub(n.in(0), a.mean(n.in(0), axes));
            Shape sizes = n.in(0).shape();
            boolean known = Arrays.stream(axes).allMatch(axis -> sizes.dim((int) axis) >= 0);
            double count =
                    Arrays.stream(axes).map(axis -> sizes.dim((int) axis)).reduce(1, (s, t) -> s * t);
            // a norm has a derivative that is an ordinary number, whatever the data; a root of a mean has not
            Value deviation = known
                    ? a.mul(a.op("ReduceL2", centered, a.builder().vector(axes)), 1 / Math.sqrt(count))
                    : a.op("Sqrt", a.mean(a.mul(centered, centered), axes));
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
        r.lower("LRN", NormalizationRules::acrossChannels);
    }

    private static void batchNormalization(Jvp n) {
        Algebra a = n.algebra();
        Value deviation = a.op("Sqrt", a.add(n.in(4), n.node().real("epsilon", 1e-5f)));
        if (n.isActive(0)) {
            n.accumulate(n.scaled(0).times(perChannel(n, a.div(n.in(1), deviation))));
        }
        if (n.isActive(1)) {
            Value centered = a.sub(n.in(0), perChannel(n, n.in(3)));
            n.accumulate(n.product(perChannel(n, n.tangent(1)), a.div(centered, perChannel(n, deviation))));
        }
        if (n.isActive(2)) {
            n.accumulate(perChannel(n, n.tangent(2)));
        }
        // means and variances that were computed: how Keras' LayerNormalization is exported
        if (n.isActive(3)) {
            n.accumulate(n.product(perChannel(n, a.neg(n.tangent(3))), perChannel(n, a.div(n.in(1), deviation))));
        }
        if (n.isActive(4)) {
            Value centered = a.sub(n.in(0), perChannel(n, n.in(3)));
            Value cubed = a.mul(deviation, a.mul(deviation, deviation));
            Value factor = a.mul(centered, perChannel(n, a.div(a.mul(n.in(1), a.scalar(n.in(1), -0.5)), cubed)));
            n.accumulate(n.product(perChannel(n, n.tangent(4)), factor));
        }
        n.finish();
    }

    private static void layerNormalization(Jvp n) {
        Algebra a = n.algebra();
        Value x = n.in(0);
        long axis = n.node().integer("axis", -1);
        long[] axes =
                LongStream.range(axis < 0 ? axis + x.rank() : axis, x.rank()).toArray();
        Value centered = a.sub(x, a.mean(x, axes));
        Value deviation = a.op(
                "Sqrt", a.add(a.mean(a.mul(centered, centered), axes), n.node().real("epsilon", 1e-5f)));
        Value normalized = a.div(centered, deviation);
        if (n.isActive(0)) {
            // dz = (dx - mean(dx) - z mean(z dx)) / deviation
            Value dx = n.tangent(0);
            Value along = a.mul(normalized, a.mean(a.mul(dx, normalized), axes));
            n.accumulate(a.mul(a.sub(a.sub(dx, a.mean(dx, axes)), along), a.div(n.in(1), deviation)));
        }
        if (n.isActive(1)) {
            n.accumulate(n.product(n.tangent(1), normalized));
        }
        if (n.isActive(2)) {
            n.accumulate(n.tangent(2));
        }
        n.finish();
    }

    /** [C] to [C, 1, …], which broadcasts against [n, C, …]. */
    private static Value perChannel(Jvp n, Value v) {
        return n.algebra()
                .reshape(v, v.shape().concat(Shape.ones(Math.max(0, n.in(0).rank() - 2))));
    }

    /** Input 0 in another shape, standardized along the last axis of that, and shaped back. */
    private static Value standardized(Rewrite n, Shape rows) {
        Algebra a = n.algebra();
        double[] ones = new double[(int) rows.dim(rows.rank() - 1)];
        Arrays.fill(ones, 1);
        Value scale = a.builder().constant(Tensor.ofReals(n.in(0).type(), ones, ones.length));
        Attributes attributes =
                new Attributes().integer("axis", -1).real("epsilon", n.node().real("epsilon", 1e-5f));
        return a.reshape(
                a.op("LayerNormalization", attributes, a.reshape(n.in(0), rows), scale),
                n.in(0).shape());
    }

    /** With scale and bias of the channels. */
    private static Value scaled(Rewrite n, Value standardized) {
        Algebra a = n.algebra();
        Shape ones = Shape.ones(standardized.rank() - 2);
        Value scale = a.reshape(n.in(1), n.in(1).shape().concat(ones));
        return a.add(
                a.mul(standardized, scale), a.reshape(n.in(2), n.in(2).shape().concat(ones)));
    }

    /**
     * x / (bias + alpha · mean of x² over the channels beside)^beta, with zeros beyond the first and the last channel.
     */
    private static void acrossChannels(Rewrite n) {
        Algebra a = n.algebra();
        Value x = n.in(0);
        long size = n.node().integer("size", 1);
        Shape planes = x.shape()
                .slice(0, 1)
                .append(1)
                .concat(x.shape().slice(1, 2))
                .concat(x.shape().product(2, x.rank()));
        Attributes window = new Attributes()
                .integers("kernel_shape", size, 1)
                .integers("pads", (size - 1) / 2, 0, size / 2, 0)
                .integer("count_include_pad", 1);
        Value mean = a.reshape(a.op("AveragePool", window, a.reshape(a.mul(x, x), planes)), x.shape());
        Value base = a.add(a.mul(mean, n.node().real("alpha", 1e-4f)), n.node().real("bias", 1));
        n.result(a.div(x, a.op("Pow", base, a.scalar(x, n.node().real("beta", 0.75f)))));
    }
}
