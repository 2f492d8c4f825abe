package org.finitentk.classification;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Points that are searched for when first asked for: Laplace's method takes none. */
final class Quadrature implements Supplier<LogitDraws> {
    private final LogitProblem problem;
    private @Nullable LogitDraws points;

    Quadrature(LogitProblem problem) {
        this.problem = problem;
    }

    @Override
    public synchronized LogitDraws get() {
        LogitDraws known = points;
        if (known == null) {
            known = LogitDraws.ofQuadrature(problem);
            points = known;
        }
        return known;
    }
}
