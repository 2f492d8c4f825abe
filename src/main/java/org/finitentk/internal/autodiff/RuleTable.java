package org.finitentk.internal.autodiff;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Where families of operators enter their derivative and transpose rules; it knows none of them. */
final class RuleTable {
    private final Map<String, JvpRule> jvp = new HashMap<>();
    private final Map<String, PrimalForm> primal = new HashMap<>();
    private final Map<String, Lowering> lowerings = new HashMap<>();
    private final Map<String, TransposeRule> transpose = new HashMap<>();
    private final Map<String, Singularity> singularities = new HashMap<>();
    private final Set<String> constant = new TreeSet<>();

    void jvp(String op, JvpRule rule) {
        jvp.put(op, rule);
    }

    void primal(String op, PrimalForm form) {
        primal.put(op, form);
    }

    void lower(String op, Lowering lowering) {
        lowerings.put(op, lowering);
    }

    void transpose(String op, TransposeRule rule) {
        transpose.put(op, rule);
    }

    void singular(String op, Singularity where) {
        singularities.put(op, where);
    }

    void constant(String... ops) {
        constant.addAll(Set.of(ops));
    }

    /** The derivative of an operator, or null. */
    @Nullable
    JvpRule jvp(String op) {
        return jvp.get(op);
    }

    /** The operator as it is, unless a form was registered. */
    PrimalForm primal(String op) {
        return primal.getOrDefault(op, (node, algebra) -> algebra.plain(node));
    }

    /** How an operator is written in others, if it has no rule itself. */
    @Nullable
    Lowering lowering(String op) {
        return lowerings.get(op);
    }

    @Nullable
    TransposeRule transpose(String op) {
        return transpose.get(op);
    }

    /** Where an operator's derivative can be infinite; null if it is finite everywhere. */
    @Nullable
    Singularity singularity(String op) {
        return singularities.get(op);
    }

    /** Whether an operator's output is piecewise constant or not differentiable by type: no tangent leaves it. */
    boolean isConstant(String op) {
        return constant.contains(op);
    }

    Set<String> supported() {
        Set<String> all = new TreeSet<>(jvp.keySet());
        all.addAll(lowerings.keySet());
        all.addAll(constant);
        return all;
    }
}
