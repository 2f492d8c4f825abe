package org.finitentk.autodiff;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The tables of derivative and transpose rules. A family of operators registers its rules in one file; nothing else knows them. */
public final class Rules {
    private static final Rules TABLES = new Rules();

    private final Map<String, JvpRule> jvp = new HashMap<>();
    private final Map<String, PrimalForm> primal = new HashMap<>();
    private final Map<String, Lowering> lowerings = new HashMap<>();
    private final Map<String, TransposeRule> transpose = new HashMap<>();
    private final Set<String> constant = new TreeSet<>();

    private Rules() {
        ElementwiseRules.register(this);
        ActivationRules.register(this);
        ChoiceRules.register(this);
        MatrixRules.register(this);
        ConvRules.register(this);
        PoolingRules.register(this);
        NormalizationRules.register(this);
        ReductionRules.register(this);
        MovementRules.register(this);
        PaddingRules.register(this);
        ElementaryRules.register(this);
        IndexingRules.register(this);
        SpaceRules.register(this);
        StatisticsRules.register(this);
        ConvTransposeRules.register(this);
        EinsumRules.register(this);
        RecurrentRules.register(this);
        GuardedProduct.register(this);
    }

    /**
     * The operators through which tangents can flow or which have a zero derivative.
     *
     * @return operator names, sorted
     */
    public static Set<String> supported() {
        Set<String> all = new TreeSet<>(TABLES.jvp.keySet());
        all.addAll(TABLES.lowerings.keySet());
        all.addAll(TABLES.constant);
        return all;
    }

    static @Nullable JvpRule jvp(String op) {
        return TABLES.jvp.get(op);
    }

    /** The operator as it is, unless a form was registered. */
    static PrimalForm primal(String op) {
        return TABLES.primal.getOrDefault(op, (node, algebra) -> algebra.plain(node));
    }

    /** How an operator is written in others, if it has no rule itself. */
    static @Nullable Lowering lowering(String op) {
        return TABLES.lowerings.get(op);
    }

    static @Nullable TransposeRule transpose(String op) {
        return TABLES.transpose.get(op);
    }

    /** Whether an operator's output is piecewise constant or not differentiable by type: no tangent leaves it. */
    static boolean isConstant(String op) {
        return TABLES.constant.contains(op);
    }

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

    void constant(String... ops) {
        constant.addAll(Set.of(ops));
    }
}
