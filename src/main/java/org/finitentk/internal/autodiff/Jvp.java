package org.finitentk.internal.autodiff;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/** One node being linearized: its primal inputs and outputs, the tangents that reach it (null is a symbolic zero). */
final class Jvp extends RuledNode {
    private final List<@Nullable ScaledTangent> tangents;
    private final Predicate<String> wild;
    private final Map<Integer, ScaledTangent> outTangents = new HashMap<>();

    /**
     * Of one node.
     *
     * @param tangents one for each input; null is a symbolic zero
     * @param wild tells of the names of values that can be infinite where f is finite
     */
    Jvp(Node node, Algebra algebra, List<@Nullable ScaledTangent> tangents, Predicate<String> wild) {
        super(node, algebra);
        this.wild = wild;
        this.tangents = tangents;
    }

    Value out() {
        return algebra().builder().shapes().get(node().output());
    }

    /** An output, or what the operator's {@link PrimalForm} made. */
    Value out(int i) {
        return algebra().builder().shapes().get(node().outputs().get(i));
    }

    boolean isActive(int i) {
        return i < tangents.size() && tangents.get(i) != null;
    }

    @Nullable
    Value tangentOrNull(int i) {
        return isActive(i) ? tangent(i) : null;
    }

    Value tangent(int i) {
        return scaled(i).value();
    }

    /** The tangent as what it is a multiple of, for rules that scale it further. */
    ScaledTangent scaled(int i) {
        ScaledTangent t = i < tangents.size() ? tangents.get(i) : null;
        if (t == null) {
            throw new InvalidModelException(node().describe() + ": a tangent flows into an input other than " + i
                    + ", by which it is not differentiated");
        }
        return t;
    }

    /** Refuses a tangent at an input by which the operator's derivative is not taken. */
    void requireInactive(int i, String what) {
        if (isActive(i)) {
            throw new InvalidModelException(node().describe() + ": a tangent flows into its " + what
                    + ", by which it is not differentiated; exclude that parameter");
        }
    }

    /** A tangent, or what was made of one, times what does not depend on tangents. */
    Value product(Value linear, Value factor) {
        return algebra().product(linear, factor, algebra().isGuarding());
    }

    /** The same over a divisor. */
    Value quotient(Value linear, Value divisor) {
        return algebra().quotient(linear, divisor, algebra().isGuarding());
    }

    /**
     * What a tangent is multiplied with by sums of products: an infinite element, which only a branch that is not taken
     * can have where f is finite, counts as 0.
     */
    Value partner(int i) {
        return tame(in(i), in(i));
    }

    /**
     * A value with 0 for what is infinite or no number, if what it is made of may have such elements where f is finite.
     */
    Value tame(Value value, Value source) {
        if (!wild.test(source.name())) {
            return value;
        }
        // only of finite numbers is the difference with itself 0
        Value finite =
                algebra().op("Equal", algebra().sub(value, value), algebra().scalar(value, 0));
        return algebra().op("Where", finite, value, algebra().scalar(value, 0));
    }

    /** Sets the tangent of output 0, broadcast to the output's shape. */
    void result(Value tangent) {
        result(0, algebra().expand(tangent, out().shape()));
    }

    void result(int output, Value tangent) {
        outTangents.put(output, ScaledTangent.of(algebra(), tangent));
    }

    /** As {@link #result(Value)}. */
    void result(ScaledTangent tangent) {
        if (tangent.hasShape(out().shape())) {
            outTangents.put(0, tangent);
        } else {
            result(tangent.value());
        }
    }

    Map<Integer, ScaledTangent> results() {
        return outTangents;
    }

    /** Adds a term to output 0's tangent. */
    void accumulate(Value term) {
        accumulate(ScaledTangent.of(algebra(), term));
    }

    /** Adds a term to output 0's tangent. */
    void accumulate(ScaledTangent term) {
        ScaledTangent sofar = outTangents.get(0);
        ScaledTangent sum = sofar == null ? term : sofar.plus(term);
        outTangents.put(
                0,
                sum != null
                        ? sum
                        : ScaledTangent.of(
                                algebra(),
                                algebra().add(Objects.requireNonNull(sofar).value(), term.value())));
    }

    /** Ends a rule that accumulated terms. */
    void finish() {
        ScaledTangent sum = outTangents.get(0);
        if (sum != null) {
            result(sum);
        }
    }

    /** The output's derivative with respect to its only differentiable input is this factor, elementwise. */
    void scaleBy(Value derivative) {
        result(scaled(0).times(derivative));
    }

    /**
     * The operator itself is linear in its first input: the same operator with the same attributes acts on the tangent.
     */
    void same() {
        @Nullable Value[] in = new @Nullable Value[node().inputs().size()];
        for (int i = 0; i < in.length; i++) {
            in[i] = i == 0 ? tangent(0) : node().hasInput(i) ? in(i) : null;
        }
        result(algebra().builder().emit(node().op(), node().attributes(), in));
    }
}
