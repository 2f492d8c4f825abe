package org.finitentk.internal.autodiff;

import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.jspecify.annotations.Nullable;

/**
 * A tangent that is another one times something that does not depend on tangents, element by element. It is made only
 * where an operator insists on it: a chain of elementwise operators then costs one multiplication of the tangent,
 * whatever its length, and what it is multiplied with is computed once for all tangents.
 */
final class ScaledTangent {
    private final Algebra algebra;
    private final Value base;
    private final @Nullable Value factor;
    /** Whether the factor divides; one operator fewer than its reciprocal. */
    private final boolean divides;
    /** Whether 0 times anything is 0; see {@link GuardedProduct}. */
    private final boolean guarded;

    private @Nullable Value made;

    private ScaledTangent(Algebra algebra, Value base, @Nullable Value factor, boolean divides, boolean guarded) {
        this.algebra = algebra;
        this.base = base;
        this.factor = factor;
        this.divides = divides;
        this.guarded = guarded;
    }

    static ScaledTangent of(Algebra algebra, Value tangent) {
        return new ScaledTangent(algebra, tangent, null, false, false);
    }

    /** The tangent itself. */
    Value value() {
        Value value = made;
        if (value == null) {
            value = factor == null
                    ? base
                    : divides ? algebra.quotient(base, factor, guarded) : algebra.product(base, factor, guarded);
            made = value;
        }
        return value;
    }

    /** c times this. */
    ScaledTangent times(Value c) {
        boolean guarding = guarded || algebra.isGuarding();
        if (!fits(c)) {
            return of(algebra, algebra.product(value(), c, guarding));
        }
        Value product = factor == null
                ? c
                : divides ? algebra.quotient(c, factor, guarding) : algebra.product(factor, c, guarding);
        return new ScaledTangent(algebra, base, product, false, guarding);
    }

    /** This over c. */
    ScaledTangent over(Value c) {
        boolean guarding = guarded || algebra.isGuarding();
        if (!fits(c)) {
            return of(algebra, algebra.quotient(value(), c, guarding));
        }
        if (factor == null) {
            return new ScaledTangent(algebra, base, c, true, guarding);
        }
        if (divides && guarding) {
            // of divisors one of which is 0 and the other infinite, the product says nothing
            return new ScaledTangent(algebra, value(), c, true, true);
        }
        return divides
                ? new ScaledTangent(algebra, base, algebra.mul(factor, c), true, false)
                : new ScaledTangent(algebra, base, algebra.quotient(factor, c, guarding), false, guarding);
    }

    /** The sum with another multiple of the same tangent, or null if they are multiples of different ones. */
    @Nullable
    ScaledTangent plus(ScaledTangent other) {
        return base.name().equals(other.base.name())
                ? new ScaledTangent(algebra, base, algebra.add(multiplier(), other.multiplier()), false, guards(other))
                : null;
    }

    /** The difference to another multiple of the same tangent, or null if they are multiples of different ones. */
    @Nullable
    ScaledTangent minus(ScaledTangent other) {
        return base.name().equals(other.base.name())
                ? new ScaledTangent(algebra, base, algebra.sub(multiplier(), other.multiplier()), false, guards(other))
                : null;
    }

    private boolean guards(ScaledTangent other) {
        return guarded || other.guarded || algebra.isGuarding();
    }

    private Value multiplier() {
        Value present = factor == null ? algebra.scalar(base, 1) : factor;
        return divides ? algebra.div(algebra.scalar(base, 1), present) : present;
    }

    /**
     * Whether the product has the tangent's own shape: a tangent that is repeated would be gone through more often than
     * it is long.
     */
    private boolean fits(Value c) {
        Shape own = base.shape();
        int offset = own.rank() - c.rank();
        boolean fits = offset >= 0 && c.type() == base.type();
        for (int i = 0; fits && i < c.rank(); i++) {
            fits = c.shape().dim(i) == 1 || c.shape().sameDim(i, own, offset + i);
        }
        return fits;
    }

    boolean hasShape(Shape shape) {
        return base.shape().equals(shape);
    }
}
