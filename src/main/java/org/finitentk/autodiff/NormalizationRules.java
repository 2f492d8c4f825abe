package org.finitentk.autodiff;

import java.util.Arrays;
import org.finitentk.onnx.Shape;
import org.finitentk.onnx.Value;

/** Normalizations. BatchNormalization is in inference mode: an affine map per channel with fixed statistics. */
final class NormalizationRules {
    private NormalizationRules() {
    }

    static void register(Rules r) {
        // y = (x - mean) / sqrt(var + epsilon) * scale + bias, by x, scale and bias
        r.jvp("BatchNormalization", NormalizationRules::batchNormalization);
        // y = z * scale + bias with z = (x - mean) / sqrt(var + epsilon), mean and var over the last axes
        r.jvp("LayerNormalization", NormalizationRules::layerNormalization);
    }

    private static void batchNormalization(Jvp n) {
        Algebra a = n.algebra();
        n.requireInactive(3, "running mean");
        n.requireInactive(4, "running variance");
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
        n.finish();
    }

    private static void layerNormalization(Jvp n) {
        Algebra a = n.algebra();
        Value x = n.in(0);
        long axis = n.node().integer("axis", -1);
        long[] axes = java.util.stream.LongStream.range(axis < 0 ? axis + x.rank() : axis, x.rank()).toArray();
        Value centered = a.sub(x, a.mean(x, axes));
        Value deviation = a.op("Sqrt", a.add(a.mean(a.mul(centered, centered), axes), n.node().real("epsilon", 1e-5f)));
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
        long[] ones = new long[Math.max(0, n.in(0).rank() - 2)];
        Arrays.fill(ones, 1);
        return n.algebra().reshape(v, v.shape().concat(Shape.of(ones)));
    }
}
