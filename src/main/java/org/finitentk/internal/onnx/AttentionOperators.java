package org.finitentk.internal.onnx;

import org.jspecify.annotations.Nullable;

/** Attention and RotaryEmbedding, which the standard has had since opset 23. */
final class AttentionOperators {
    private AttentionOperators() {}

    static void register(CompoundTable t) {
        t.put("", "Attention", AttentionOperators::attention);
        t.put("", "RotaryEmbedding", AttentionOperators::rotaryEmbedding);
    }

    /** [examples, heads, positions, size of a head], from that or from [examples, positions, all heads]. */
    private static String heads(Rewritten n, int input, String attribute) {
        String x = n.in(input);
        int rank = n.value(x).rank();
        long heads = n.node().integer(attribute, 0);
        if (rank == 4) {
            return x;
        }
        if (rank != 3 || heads < 1 || n.size(x, 2) % heads != 0) {
            throw n.refused(
                    "input " + input + " has shape " + n.value(x).shape() + " and attribute " + attribute + " is "
                            + heads,
                    "four axes, or three and a number of heads that divides the last");
        }
        return n.transposed(n.reshaped(x, 0, 0, heads, n.size(x, 2) / heads), 0, 2, 1, 3);
    }

    private static void attention(Rewritten n) {
        String q = heads(n, 0, "q_num_heads");
        String k = withPast(n, 4, heads(n, 1, "kv_num_heads"));
        String v = withPast(n, 5, heads(n, 2, "kv_num_heads"));
        if (n.has(4) != n.has(5) || n.has(4) && n.has(6)) {
            throw n.refused(
                    "it takes earlier keys without earlier values, or together with lengths of examples",
                    "earlier keys and values, or lengths");
        }
        n.result(1, k);
        n.result(2, v);
        long groups = n.size(q, 1) / Math.max(1, n.size(k, 1));
        if (groups < 1 || groups * n.size(k, 1) != n.size(q, 1) || n.size(v, 1) != n.size(k, 1)) {
            throw n.refused(
                    n.size(q, 1) + " heads of queries for " + n.size(k, 1) + " of keys and " + n.size(v, 1)
                            + " of values",
                    "a multiple, and as many of values as of keys");
        }
        double scale = n.node().has("scale") ? n.node().real("scale", 1) : 1 / Math.sqrt((double) n.size(q, 3));
        String scores =
                n.op("MatMul", n.op("Mul", q, n.number(q, scale)), n.transposed(repeated(n, k, groups), 0, 1, 3, 2));
        String weights = new AttentionMask(n, q, k).weights(capped(n, scores));
        String y = n.op("MatMul", weights, repeated(n, v, groups));
        n.result(0, n.value(n.in(0)).rank() == 4 ? y : n.reshaped(n.transposed(y, 0, 2, 1, 3), 0, 0, -1));
        n.leaveOut(
                3,
                "its fourth output, scores, has no rule; export it without, or choose an output that does not need it");
    }

    /** Keys or values after those of earlier positions. */
    private static String withPast(Rewritten n, int past, String own) {
        return n.has(past) ? n.concat(2, n.in(past), own) : own;
    }

    private static String capped(Rewritten n, String scores) {
        float cap = n.node().real("softcap", 0);
        return cap > 0
                ? n.op("Mul", n.op("Tanh", n.op("Div", scores, n.number(scores, cap))), n.number(scores, cap))
                : scores;
    }

    /** Each head so many times in turn. */
    private static String repeated(Rewritten n, String x, long times) {
        if (times == 1) {
            return x;
        }
        String[] copies = new String[(int) times];
        java.util.Arrays.fill(copies, n.op("Unsqueeze", x, n.longs(2)));
        return n.reshaped(n.concat(2, copies), 0, n.size(x, 1) * times, -1, n.size(x, 3));
    }

    /** Pairs of elements turned by angles that depend on the position. */
    private static void rotaryEmbedding(Rewritten n) {
        Rewritten formula = n.formula();
        boolean four = n.value(n.in(0)).rank() == 4;
        String x = heads(n, 0, "num_heads");
        long size = n.size(x, 3);
        long given = n.node().integer("rotary_embedding_dim", 0);
        long turned = given == 0 ? size : given;
        if (turned < 2 || turned % 2 != 0 || turned > size) {
            throw n.refused(turned + " of " + size + " elements are to be turned", "an even number of them");
        }
        String cos = angles(formula, 1);
        String sin = angles(formula, 2);
        boolean interleaved = n.node().integer("interleaved", 0) != 0;
        String first = interleaved ? n.sliced(x, 0, turned, 2, 3) : n.sliced(x, 0, turned / 2, 1, 3);
        String second = interleaved ? n.sliced(x, 1, turned, 2, 3) : n.sliced(x, turned / 2, turned, 1, 3);
        String real = n.op("Sub", formula.op("Mul", first, cos), formula.op("Mul", second, sin));
        String imaginary = n.op("Add", formula.op("Mul", first, sin), formula.op("Mul", second, cos));
        String pairs = interleaved ? interleaved(n, real, imaginary, turned) : n.concat(3, real, imaginary);
        String all = rest(n, x, turned, size);
        String y = all == null ? pairs : n.concat(3, pairs, all);
        n.result(0, four ? y : n.reshaped(n.transposed(y, 0, 2, 1, 3), 0, 0, -1));
    }

    private static @Nullable String rest(Rewritten n, String x, long turned, long size) {
        return turned == size ? null : n.sliced(x, turned, size, 1, 3);
    }

    private static String interleaved(Rewritten n, String real, String imaginary, long turned) {
        String axis = n.longs(4);
        String pairs = n.concat(4, n.op("Unsqueeze", real, axis), n.op("Unsqueeze", imaginary, axis));
        return n.reshaped(pairs, 0, 0, 0, turned);
    }

    /** Cosines or sines, [examples, 1, positions, pairs]. */
    private static String angles(Rewritten n, int input) {
        String cache = n.in(input);
        String own = n.has(3) ? n.op("Gather", cache, n.in(3)) : cache;
        return n.op("Unsqueeze", own, n.longs(1));
    }
}
