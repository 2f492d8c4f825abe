package org.finitentk.internal.onnx;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/** Where families of operators enter how they are written in others; it knows none of them. */
final class CompoundTable {
    private final Map<String, Consumer<Rewritten>> forms = new HashMap<>();

    void put(String domain, String op, Consumer<Rewritten> form) {
        forms.put(key(domain, op), form);
    }

    private static String key(String domain, String op) {
        return domain.isEmpty() ? op : domain + "." + op;
    }

    @Nullable
    Consumer<Rewritten> find(Node node) {
        return forms.get(key(node.domain(), node.op()));
    }

    /** All operators, with their domains. */
    Set<String> operators() {
        return new TreeSet<>(forms.keySet());
    }
}
