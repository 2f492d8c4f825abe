package org.finitentk.internal.autodiff;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.finitentk.onnx.InvalidModelException;

/**
 * The derivative and transpose rules of all families of operators. A family enters its own in a {@link RuleTable} and
 * looks nothing up here, so that all of them can be known in this one place.
 */
final class Rules {
    static final RuleTable TABLE = new RuleTable();

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

    /** Applies a rule; what does not fit is refused in a sentence, whatever the rule met. */
    static void apply(Runnable rule, Supplier<String> refusal) {
        try {
            rule.run();
        } catch (InvalidModelException e) {
            throw e;
        } catch (IndexOutOfBoundsException
                | ArithmeticException
                | NegativeArraySizeException
                | NullPointerException
                | IllegalArgumentException
                | IllegalStateException e) {
            throw new InvalidModelException(refusal.get(), e);
        }
    }

    /**
     * The operators through which tangents can flow or which have a zero derivative.
     *
     * @return operator names, sorted
     */
    static Set<String> supported() {
        return TABLE.supported();
    }
}
