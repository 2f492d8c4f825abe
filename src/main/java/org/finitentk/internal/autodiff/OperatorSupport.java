package org.finitentk.internal.autodiff;

import java.util.List;
import org.finitentk.internal.onnx.StandardOperators;

/**
 * What becomes of a standard operator that a tangent reaches.
 *
 * @param operator its name
 * @param kind whether tangents go on from it
 * @param condition when that holds; empty if it always does
 */
public record OperatorSupport(String operator, Kind kind, String condition) {
    /** Whether tangents go on from an operator. */
    public enum Kind {
        /** It has a derivative. */
        DIFFERENTIABLE,
        /** Its derivative is zero, or its output is no real number. */
        CONSTANT,
        /** A network in which a tangent reaches it is refused. */
        REFUSED
    }

    /**
     * Whether tangents can flow through an operator, or leave it as zero.
     *
     * @param operator a standard operator, or one that graphs have once their forms are written out
     * @return whether it has a rule
     */
    public static boolean hasRule(String operator) {
        return Rules.supported().contains(operator);
    }

    /**
     * All operators of the standard, from the rules and from what is written in others when a file is read.
     *
     * @return in alphabetical order
     */
    public static List<OperatorSupport> all() {
        return StandardOperators.names().stream().map(OperatorSupport::of).toList();
    }

    private static OperatorSupport of(String operator) {
        if (Rules.TABLE.isConstant(operator) || StandardOperators.isOfIntegers(operator)) {
            return new OperatorSupport(operator, Kind.CONSTANT, "");
        }
        if (Rules.supported().contains(operator)) {
            return new OperatorSupport(operator, Kind.DIFFERENTIABLE, "");
        }
        String written = StandardOperators.writtenOut(operator);
        return written == null
                ? new OperatorSupport(operator, Kind.REFUSED, "")
                : new OperatorSupport(operator, Kind.DIFFERENTIABLE, written);
    }
}
