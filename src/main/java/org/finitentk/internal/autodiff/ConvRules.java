package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.finitentk.internal.autodiff.CotangentTerm.Broadcast;
import org.finitentk.internal.autodiff.CotangentTerm.ByExample;
import org.finitentk.internal.autodiff.CotangentTerm.OuterProduct;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.internal.onnx.Window;

/** Conv with any number of spatial axes, strides, dilations, groups and padding: bilinear in input and filter. */
final class ConvRules {
    private ConvRules() {}

    static void register(RuleTable r) {
        // d(W * x + b) = W * dx + dW * x + db
        r.jvp("Conv", ConvRules::jvp);
        r.transpose("Conv", n -> {
            Window w = window(n);
            if (n.isLinear(0)) {
                n.contribute(0, inputCotangent(n, w));
            }
            if (n.isLinear(1)) {
                filterCotangent(n, w);
            }
            biasCotangent(n);
        });
    }

    static void biasCotangent(Transposition n) {
        if (n.node().hasInput(2) && n.isLinear(2)) {
            long[] spatial = LongStream.range(2, n.cotangent().rank()).toArray();
            n.contribute(2, new Broadcast(n.algebra().sum(n.cotangent(), false, spatial)));
        }
    }

    /** Of Conv and of ConvTranspose. */
    static void jvp(Jvp n) {
        Algebra a = n.algebra();
        String op = n.node().op();
        Attributes attributes = new Attributes(n.node().attributes());
        if (n.isActive(0)) {
            n.accumulate(a.op(op, attributes, n.tangent(0), n.partner(1)));
        }
        if (n.isActive(1)) {
            n.accumulate(
                    n.isActive(2)
                            ? a.op(op, attributes, n.partner(0), n.tangent(1), n.tangent(2))
                            : a.op(op, attributes, n.partner(0), n.tangent(1)));
        } else if (n.isActive(2)) {
            Shape perChannel = n.tangent(2).shape().concat(Shape.ones(n.in(0).rank() - 2));
            n.accumulate(a.reshape(n.tangent(2), perChannel));
        }
        n.finish();
    }

    private static long[] ones(int count) {
        long[] out = new long[count];
        Arrays.fill(out, 1);
        return out;
    }

    private static Window window(Transposition n) {
        Shape x = n.in(0).shape();
        Shape w = n.in(1).shape();
        for (int i = 2; i < x.rank(); i++) {
            if (x.dim(i) < 0) {
                throw n.refused("has an input with a dynamic spatial size " + x
                        + "; fix the network's image size to numbers, for example when exporting it");
            }
        }
        return Window.of(n.node(), Arrays.copyOfRange(w.at(0), 2, w.rank()), Arrays.copyOfRange(x.at(0), 2, x.rank()));
    }

    /**
     * Full correlation of the cotangent with the filter; a plain Conv with a turned filter where the stride allows,
     * since ConvTranspose is slower.
     */
    private static Value inputCotangent(Transposition n, Window w) {
        boolean unitStride = Arrays.stream(w.strides()).allMatch(s -> s == 1);
        boolean fits = true;
        for (int i = 0; i < w.kernel().length; i++) {
            long reach = (w.kernel()[i] - 1) * w.dilations()[i];
            fits &= reach >= w.padsBegin()[i] && reach >= w.padsEnd()[i];
        }
        return unitStride && fits ? byConv(n, w) : byConvTranspose(n, w);
    }

    private static Value byConv(Transposition n, Window w) {
        Algebra a = n.algebra();
        Value turned = turn(a, n.in(1), n.node().integer("group", 1));
        int rank = w.kernel().length;
        long[] pads = new long[2 * rank];
        for (int i = 0; i < rank; i++) {
            long reach = (w.kernel()[i] - 1) * w.dilations()[i];
            pads[i] = reach - w.padsBegin()[i];
            pads[i + rank] = reach - w.padsEnd()[i];
        }
        return a.op(
                "Conv",
                new Attributes()
                        .integers("pads", pads)
                        .integers("dilations", w.dilations())
                        .integers("strides", ones(rank))
                        .integer("group", n.node().integer("group", 1))
                        .integers("kernel_shape", w.kernel()),
                n.cotangent(),
                turned);
    }

    /** [M, C/g, k…] to [C, M/g, reversed k…]. */
    static Value turn(Algebra a, Value filter, long group) {
        Shape s = filter.shape();
        int rank = s.rank() - 2;
        Value flipped = filter;
        for (int i = 0; i < rank; i++) {
            if (s.dim(i + 2) > 1) {
                flipped = a.slice(flipped, i + 2, -1, Long.MIN_VALUE, -1);
            }
        }
        Shape split = Shape.of(group, s.dim(0) / group, s.dim(1)).concat(s.slice(2, s.rank()));
        int[] perm = IntStream.range(0, rank + 3).toArray();
        perm[1] = 2;
        perm[2] = 1;
        Value swapped = a.transpose(a.reshape(flipped, split), perm);
        return a.reshape(swapped, Shape.of(s.dim(1) * group, s.dim(0) / group).concat(s.slice(2, s.rank())));
    }

    private static Value byConvTranspose(Transposition n, Window w) {
        int rank = w.kernel().length;
        long[] spatial = n.in(0).shape().slice(2, rank + 2).at(0);
        long[] pads = new long[2 * rank];
        long[] extra = new long[rank];
        for (int i = 0; i < rank; i++) {
            pads[i] = w.padsBegin()[i];
            pads[i + rank] = w.padsEnd()[i];
            long covered = w.strides()[i] * (w.outputs()[i] - 1)
                    + (w.kernel()[i] - 1) * w.dilations()[i]
                    + 1
                    - pads[i]
                    - pads[i + rank];
            extra[i] = spatial[i] - covered;
        }
        return n.algebra()
                .op(
                        "ConvTranspose",
                        new Attributes()
                                .integers("pads", pads)
                                .integers("dilations", w.dilations())
                                .integers("strides", w.strides())
                                .integers("output_padding", extra)
                                .integer("group", n.node().integer("group", 1))
                                .integers("kernel_shape", w.kernel()),
                        n.cotangent(),
                        n.in(1));
    }

    private static void filterCotangent(Transposition n, Window w) {
        Algebra a = n.algebra();
        long group = n.node().integer("group", 1);
        ConvShifts shifts = ConvShifts.fits(w)
                ? ConvShifts.of(a, n.in(0), n.cotangent(), n.in(1).shape(), w)
                : null;
        if (group == 1) {
            ConvPatches p = ConvPatches.of(a, n.in(0), n.cotangent(), w, group);
            n.contribute(
                    1,
                    new OuterProduct(withoutGroup(a, p.patches()), withoutGroup(a, p.cotangent()), true, true, shifts));
        } else if (shifts != null) {
            n.contribute(1, new ByExample(shifts.each()));
        } else {
            ConvPatches p = ConvPatches.of(a, n.in(0), n.cotangent(), w, group);
            n.contribute(1, new ByExample(a.matmul(p.cotangent(), a.swap(p.patches()))));
        }
    }

    /** [n, 1, d, positions] to [n, d, positions]. */
    static Value withoutGroup(Algebra a, Value v) {
        return a.reshape(v, v.shape().slice(0, 1).concat(v.shape().slice(2, 4)));
    }
}
