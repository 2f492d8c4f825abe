package org.finitentk.autodiff;

import org.finitentk.onnx.Value;
import org.jspecify.annotations.Nullable;

/**
 * The cotangent of a weight matrix as a sum of outer products Σ_t a_t ⊗ δ_t over the examples and positions t (DESIGN section 5). Both
 * factors have the same axes but for the weight's own; the examples may lie on any of them, or be merged with positions.
 *
 * @param input a: [n, …, T, d_in], or [n, …, d_in, T] when positions are last
 * @param delta δ: [n, …, T, d_out], or [n, …, d_out, T]
 * @param positionsLast whether positions are the last axis of both
 * @param deltaFirst whether the weight is [d_out, d_in]; else [d_in, d_out]
 * @param shifts the same sum in a form that multiplies out faster, if there is one; its examples are the first axis of both factors
 */
record OuterProduct(Value input, Value delta, boolean positionsLast, boolean deltaFirst, @Nullable ConvShifts shifts) {
    OuterProduct(Value input, Value delta, boolean positionsLast, boolean deltaFirst) {
        this(input, delta, positionsLast, deltaFirst, null);
    }
}
