package org.finitentk.internal.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * Operators that are written in others of the standard when a graph is read: those of later opsets than
 * {@link Graph#OPSET}, and of domains beside the standard, for which neither derivative rules nor, some of them,
 * ONNX Runtime exists.
 */
final class Compounds {
    private static final Map<String, Consumer<Rewritten>> TABLE = new HashMap<>();

    /** Where families enter theirs. */
    interface Entries {
        void put(String domain, String op, Consumer<Rewritten> form);
    }

    static {
        List.<Consumer<Entries>>of(
                        LaterOperators::register,
                        AttentionOperators::register,
                        MicrosoftOperators::register,
                        ScikitOperators::register)
                .forEach(family -> family.accept((domain, op, form) -> TABLE.put(key(domain, op), form)));
    }

    private Compounds() {}

    private static String key(String domain, String op) {
        return domain.isEmpty() ? op : domain + "." + op;
    }

    /** How a node is written in others; null if it is not. */
    static @Nullable Consumer<Rewritten> find(Node node) {
        return TABLE.get(key(node.domain(), node.op()));
    }

    /** All operators that are, with their domains. */
    static Set<String> all() {
        return new TreeSet<>(TABLE.keySet());
    }
}
