package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.List;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;

/**
 * Which keys the queries of an Attention see: those that its mask, its order (causal, a window around each position)
 * and the lengths of its examples leave. A query that sees none has weights of zero, as the standard and ONNX Runtime
 * say.
 */
final class AttentionMask {
    /** What opset 24 means by a mask with fewer columns than there are keys: no query sees the keys that it lacks. */
    private static final String SHORT_MASKS = "finitentk_short_masks";

    private static final String LEFT = "left_window_size";
    private static final String RIGHT = "right_window_size";
    private static final int MASK = 3;
    private static final int PAST = 4;
    private static final int LENGTHS = 6;

    private final Rewritten n;
    private final String q;
    private final String k;

    AttentionMask(Rewritten n, String q, String k) {
        this.n = n;
        this.q = q;
        this.k = k;
    }

    /** A node with what it means by the width of its mask, which is another thing from opset 24 on. */
    static Node explicit(Node node, long opset) {
        return opset >= 24 && node.domain().isEmpty() && node.op().equals("Attention")
                ? new Node(
                        node.name(),
                        "",
                        node.op(),
                        node.inputs(),
                        node.outputs(),
                        new Attributes(node.attributes())
                                .integer(SHORT_MASKS, 1)
                                .build())
                : node;
    }

    /** The weights of keys, [examples, heads, queries, keys], by their scores. */
    String weights(String scores) {
        String seen = scores;
        if (n.has(MASK)) {
            seen = masked(seen, n.in(MASK));
        }
        for (String visible : visible()) {
            seen = n.op("Where", visible, seen, n.number(scores, Double.NEGATIVE_INFINITY));
        }
        Attributes keys = new Attributes().integer("axis", -1);
        if (!mayHideAll()) {
            return n.op("Softmax", keys, seen);
        }
        String most = n.op("ReduceMax", new Attributes().integer("keepdims", 1), seen, n.longs(-1));
        String none = n.op("LessOrEqual", most, n.number(scores, -Float.MAX_VALUE));
        String zero = n.number(scores, 0);
        return n.op("Where", none, zero, n.op("Softmax", keys, n.op("Where", none, zero, seen)));
    }

    private String masked(String scores, String mask) {
        Value known = n.value(mask);
        long keys = n.value(k).shape().dim(2);
        long width = known.rank() == 0 ? -1 : known.shape().dim(known.rank() - 1);
        boolean lacks = width >= 0 && keys >= 0 && width < keys && n.node().has(SHORT_MASKS);
        if (known.rank() < 1) {
            throw n.refused("its mask is a number", "one for each key");
        }
        if (width >= 0 && keys >= 0 && width != keys && width != 1 && !lacks) {
            throw n.refused("its mask has shape " + known.shape() + " for " + keys + " keys", "one for each key");
        }
        String hidden = n.number(scores, Double.NEGATIVE_INFINITY);
        if (known.type() == ElementType.BOOL && !lacks) {
            return n.op("Where", mask, scores, hidden);
        }
        String added = known.type() == ElementType.BOOL
                ? n.op("Where", mask, n.number(scores, 0), hidden)
                : n.cast(mask, n.type(scores));
        return n.formula()
                .op("Add", scores, lacks ? n.op("Pad", added, n.longs(0, keys - width), hidden, n.longs(-1)) : added);
    }

    /** Truths that broadcast to [examples, heads, queries, keys]: whether a query sees a key. */
    private List<String> visible() {
        List<String> all = new ArrayList<>();
        long left = window(LEFT);
        long right = window(RIGHT);
        boolean causal = n.node().integer("is_causal", 0) != 0;
        if (causal || left >= 0 || right >= 0) {
            String keys = range(k);
            String queries = positions();
            if (causal) {
                all.add(n.op("GreaterOrEqual", queries, keys));
            }
            if (left >= 0) {
                all.add(n.op("GreaterOrEqual", keys, n.op("Sub", queries, n.position(left))));
            }
            if (right >= 0) {
                all.add(n.op("GreaterOrEqual", n.op("Add", queries, n.position(right)), keys));
            }
        }
        if (n.has(LENGTHS)) {
            all.add(n.op("Less", range(k), lengths()));
        }
        return all;
    }

    private long window(String side) {
        long size = n.node().integer(side, -1);
        if (size < -1) {
            throw n.refused("attribute " + side + " is " + size, "-1 for no bound, or a number of positions");
        }
        return size;
    }

    /** Where queries are among the keys: after the past, or at the end of what an example has. */
    private String positions() {
        String own = n.op("Unsqueeze", range(q), n.longs(1));
        if (n.has(PAST)) {
            return n.op("Add", own, length(n.in(PAST)));
        }
        return n.has(LENGTHS) ? n.op("Add", own, n.op("Sub", lengths(), length(q))) : own;
    }

    /** How many keys an example has, [examples, 1, 1, 1]. */
    private String lengths() {
        return n.reshaped(n.cast(n.in(LENGTHS), ElementType.INT64), -1, 1, 1, 1);
    }

    private String length(String heads) {
        return n.op("Gather", n.op("Shape", heads), n.position(2));
    }

    /** 0, 1, … for the positions of queries or keys. */
    private String range(String heads) {
        return n.op("Range", n.position(0), length(heads), n.position(1));
    }

    /** Whether a query may see no key at all, as far as that is known before the network runs. */
    private boolean mayHideAll() {
        if (n.has(LENGTHS) || window(LEFT) >= 0 || window(RIGHT) >= 0) {
            return true;
        }
        if (!n.has(MASK)) {
            return false;
        }
        Tensor mask = n.tensor(n.in(MASK));
        return mask == null || n.node().integer("is_causal", 0) != 0 || hidesAll(mask);
    }

    private static boolean hidesAll(Tensor mask) {
        double[] values = mask.toDoubles();
        int width = (int) mask.shape()[mask.shape().length - 1];
        double hidden = mask.type() == ElementType.BOOL ? 0 : -Float.MAX_VALUE;
        for (int from = 0; from < values.length; from += width) {
            int at = from;
            while (at < from + width && values[at] <= hidden) {
                at++;
            }
            if (at == from + width) {
                return true;
            }
        }
        return false;
    }
}
