package org.finitentk.internal.autodiff;

import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;
import org.jspecify.annotations.Nullable;

/**
 * A function of one number, element by element: a row of {@link RulesTest}, of some data, and one of {@link SweepTest},
 * of all numbers.
 *
 * @param name of the row
 * @param body the operator applied to a value
 * @param data to which the operator is applied; if null, some of both signs, and parameters alone too
 * @param derivative in float64, exact to its last digits at every number
 * @param low where the operator begins
 * @param high where it ends
 * @param scale of the error that the operator's saturation leaves: 0 where the derivative is exact relative to itself
 */
record SweptRow(
        String name,
        UnaryNode body,
        @Nullable Function<Net, String> data,
        DoubleUnaryOperator derivative,
        double low,
        double high,
        double scale) {
    /** Adds nodes to a network. */
    interface UnaryNode {
        String apply(Net n, String x);
    }

    static SweptRow of(String op, DoubleUnaryOperator derivative) {
        return of(op, (n, x) -> n.op(op, x), derivative);
    }

    static SweptRow of(String op, Attributes attributes, DoubleUnaryOperator derivative) {
        return of(op + " " + attributes.build().keySet(), (n, x) -> n.op(op, attributes, x), derivative);
    }

    static SweptRow of(String name, UnaryNode body, DoubleUnaryOperator derivative) {
        return new SweptRow(name, body, null, derivative, -Double.MAX_VALUE, Double.MAX_VALUE, 0);
    }

    /** Swept between two numbers only. */
    SweptRow within(double least, double most) {
        return new SweptRow(name, body, data, derivative, least, most, scale);
    }

    /** With errors of a saturation. */
    SweptRow saturates(double error) {
        return new SweptRow(name, body, data, derivative, low, high, error);
    }

    /** Applied to other data. */
    SweptRow on(Function<Net, String> other) {
        return new SweptRow(name, body, other, derivative, low, high, scale);
    }

    /** Applied to numbers of both signs, times a factor. */
    SweptRow times(double factor) {
        return on(n -> n.op("Mul", n.active(9), n.scalar(factor)));
    }

    void addTo(Rows rows) {
        Function<Net, String> given = data;
        rows.add(name, n -> body.apply(n, given == null ? n.active(3, 4) : given.apply(n)));
        if (given == null) {
            rows.add(
                    name + " of what is made of parameters only",
                    n -> n.op("Mul", n.x(3), body.apply(n, n.activeConstant(3))));
        }
    }
}
