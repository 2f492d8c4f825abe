package org.finitentk.internal.autodiff;

import java.util.Arrays;
import org.finitentk.internal.autodiff.CotangentTerm.ByExample;
import org.finitentk.internal.autodiff.CotangentTerm.OuterProduct;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.internal.onnx.Window;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;

/**
 * ConvTranspose with any number of spatial axes, strides, dilations, groups and padding: the transpose of a Conv by its
 * input, so that its own transposes are a Conv, and a Conv's filter gradient in which input and output have changed
 * places.
 */
final class ConvTransposeRules {
    private ConvTransposeRules() {}

    static void register(RuleTable r) {
        r.primal("ConvTranspose", (node, a) -> a.plain(explicit(node, a)));
        // d(W * x + b) = W * dx + dW * x + db
        r.jvp("ConvTranspose", ConvRules::jvp);
        r.transpose("ConvTranspose", n -> {
            if (n.isLinear(0) || n.isLinear(1)) {
                Window w = window(n);
                Value met = met(n, w);
                if (n.isLinear(0)) {
                    n.contribute(0, inputCotangent(n, w, met));
                }
                if (n.isLinear(1)) {
                    filterCotangent(n, w, met);
                }
            }
            ConvRules.biasCotangent(n);
        });
    }

    /** Padding as numbers: neither auto_pad nor output_shape. */
    static Node explicit(Node node, Algebra a) {
        Shape x = a.builder().shapes().get(node.input(0)).shape();
        Shape w = a.builder().shapes().get(node.input(1)).shape();
        int rank = x.rank() - 2;
        long[] strides = orElse(node.integers("strides"), rank, 1);
        long[] dilations = orElse(node.integers("dilations"), rank, 1);
        long[] extra = orElse(node.integers("output_padding"), rank, 0);
        long[] pads = orElse(node.integers("pads"), 2 * rank, 0);
        long[] fixed = node.integers("output_shape");
        String auto = node.string("auto_pad", "NOTSET");
        for (int i = 0; i < rank; i++) {
            if (fixed != null || auto.startsWith("SAME")) {
                long size = requireStatic(node, x, i + 2);
                long whole = strides[i] * (size - 1) + extra[i] + (w.dim(i + 2) - 1) * dilations[i] + 1;
                long total = whole - (fixed != null ? fixed[fixed.length - rank + i] : size * strides[i]);
                extra[i] += Math.max(0, -total);
                if (total < 0 && extra[i] >= Math.max(strides[i], dilations[i])) {
                    throw new InvalidModelException(node.describe() + " has an output " + extra[i]
                            + " larger than its windows reach along spatial axis " + i
                            + ", which no output_padding can say; expected less than its stride or dilation");
                }
                long less = Math.max(0, total) / 2;
                pads[i] = auto.equals("SAME_UPPER") ? less : Math.max(0, total) - less;
                pads[i + rank] = Math.max(0, total) - pads[i];
            } else if (auto.equals("VALID")) {
                pads[i] = 0;
                pads[i + rank] = 0;
            }
        }
        Attributes attributes = new Attributes()
                .integers("strides", strides)
                .integers("dilations", dilations)
                .integers("output_padding", extra)
                .integers("pads", pads)
                .integers("kernel_shape", w.slice(2, w.rank()).at(0))
                .integer("group", node.integer("group", 1));
        return new Node(node.name(), "", node.op(), node.inputs(), node.outputs(), attributes.build());
    }

    private static long[] orElse(long @org.jspecify.annotations.Nullable [] given, int length, long value) {
        long[] out = new long[length];
        Arrays.fill(out, value);
        return given == null ? out : given.clone();
    }

    private static long requireStatic(Node node, Shape x, int axis) {
        if (x.dim(axis) < 0) {
            throw new InvalidModelException(node.describe() + " has an input with a dynamic spatial size " + x
                    + "; fix the network's image size to numbers, for example when exporting it");
        }
        return x.dim(axis);
    }

    /**
     * The window of the Conv whose input is this output; its end padding is negative where output_padding reaches
     * beyond all windows.
     */
    private static Window window(Transposition n) {
        Shape x = n.in(0).shape();
        int rank = x.rank() - 2;
        long[] pads = orElse(n.node().integers("pads"), 2 * rank, 0);
        long[] extra = orElse(n.node().integers("output_padding"), rank, 0);
        long[] end = new long[rank];
        long[] positions = new long[rank];
        for (int i = 0; i < rank; i++) {
            positions[i] = requireStatic(n.node(), x, i + 2);
            end[i] = pads[i + rank] - extra[i];
        }
        return new Window(
                n.in(1).shape().slice(2, rank + 2).at(0),
                orElse(n.node().integers("strides"), rank, 1),
                orElse(n.node().integers("dilations"), rank, 1),
                Arrays.copyOf(pads, rank),
                end,
                positions);
    }

    /** The cotangent as far as windows meet it. */
    private static Value met(Transposition n, Window w) {
        Value ct = n.cotangent();
        for (int i = 0; i < w.kernel().length; i++) {
            if (w.padsEnd()[i] < 0) {
                ct = n.algebra().slice(ct, i + 2, 0, ct.shape().dim(i + 2) + w.padsEnd()[i]);
                w.padsEnd()[i] = 0;
            }
        }
        return ct;
    }

    private static Value inputCotangent(Transposition n, Window w, Value met) {
        int rank = w.kernel().length;
        long[] pads = Arrays.copyOf(w.padsBegin(), 2 * rank);
        System.arraycopy(w.padsEnd(), 0, pads, rank, rank);
        return n.algebra()
                .op(
                        "Conv",
                        new Attributes()
                                .integers("pads", pads)
                                .integers("strides", w.strides())
                                .integers("dilations", w.dilations())
                                .integers("kernel_shape", w.kernel())
                                .integer("group", n.node().integer("group", 1)),
                        met,
                        n.in(1));
    }

    private static void filterCotangent(Transposition n, Window w, Value met) {
        Algebra a = n.algebra();
        long group = n.node().integer("group", 1);
        ConvShifts shifts =
                ConvShifts.fits(w) ? ConvShifts.of(a, met, n.in(0), n.in(1).shape(), w) : null;
        if (group > 1 && shifts != null) {
            n.contribute(1, new ByExample(shifts.each()));
            return;
        }
        ConvPatches p = ConvPatches.of(a, met, n.in(0), w, group);
        if (group == 1) {
            n.contribute(
                    1,
                    new OuterProduct(
                            ConvRules.withoutGroup(a, p.cotangent()),
                            ConvRules.withoutGroup(a, p.patches()),
                            true,
                            false,
                            shifts));
        } else {
            n.contribute(1, new ByExample(a.matmul(p.cotangent(), a.swap(p.patches()))));
        }
    }
}
