package org.finitentk.autodiff;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The derivative and transpose rules of all families of operators. A family enters its own in a {@link RuleTable} and looks nothing up here, so that all of them can be
 * known in this one place.
 */
public final class Rules {
    private static final RuleTable TABLE = new RuleTable();

    static {
        List.<Consumer<RuleTable>>of(
                        ElementwiseRules::register,
                        ActivationRules::register,
                        ReductionRules::register,
                        NormalizationRules::register,
                        MatrixRules::register,
                        EinsumRules::register,
                        ConvRules::register,
                        ConvTransposeRules::register,
                        PoolingRules::register,
                        MovementRules::register,
                        IndexingRules::register,
                        SpaceRules::register,
                        RecurrentRules::register,
                        SizeRules::register)
                .forEach(family -> family.accept(TABLE));
    }

    private Rules() {}

    /**
     * The operators through which tangents can flow or which have a zero derivative.
     *
     * @return operator names, sorted
     */
    public static Set<String> supported() {
        return TABLE.supported();
    }

    static @Nullable JvpRule jvp(String op) {
        return TABLE.jvp(op);
    }

    /** The operator as it is, unless a form was registered. */
    static PrimalForm primal(String op) {
        return TABLE.primal(op);
    }

    /** How an operator is written in others, if it has no rule itself. */
    static @Nullable Lowering lowering(String op) {
        return TABLE.lowering(op);
    }

    static @Nullable TransposeRule transpose(String op) {
        return TABLE.transpose(op);
    }

    /** Where an operator's derivative can be infinite; null if it is finite everywhere. */
    static @Nullable Singularity singularity(String op) {
        return TABLE.singularity(op);
    }

    /** Whether an operator's output is piecewise constant or not differentiable by type: no tangent leaves it. */
    static boolean isConstant(String op) {
        return TABLE.isConstant(op);
    }
}
