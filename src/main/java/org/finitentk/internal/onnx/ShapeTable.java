package org.finitentk.internal.onnx;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where families of operators enter their shapes and demands; it knows none of them. */
final class ShapeTable {
    static final int ANY = Integer.MAX_VALUE;

    private final Map<String, Entry> entries = new HashMap<>();

    /** What is known of one operator. */
    static final class Entry {
        private final ShapeRule rule;
        private final int least;
        private final int most;
        private Consumer<Demands> rest = d -> {};
        private int outputs = 1;

        private Entry(ShapeRule rule, int least, int most) {
            this.rule = rule;
            this.least = least;
            this.most = most;
        }

        /** Demands more of a node than numbers of inputs and outputs. */
        Entry demands(Consumer<Demands> more) {
            rest = more;
            return this;
        }

        /** Allows more outputs than one. */
        void outputs(int number) {
            outputs = number;
        }

        ShapeRule rule() {
            return rule;
        }

        /** Refuses a node that does not meet its operator's demands. */
        void check(Demands demands) {
            demands.inputs(least, most);
            demands.outputs(outputs);
            rest.accept(demands);
        }
    }

    /** An operator that demands nothing. */
    void put(String op, ShapeRule rule) {
        put(op, 0, ANY, rule).outputs(ANY);
    }

    /** An operator of so many inputs and one output. */
    Entry put(String op, int least, int most, ShapeRule rule) {
        Entry entry = new Entry(rule, least, most);
        entries.put(op, entry);
        return entry;
    }

    @Nullable
    Entry find(String op) {
        return entries.get(op);
    }
}
