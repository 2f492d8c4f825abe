package org.finitentk.internal.autodiff;

import java.util.stream.LongStream;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One term of a linear value's cotangent, in the form in which a transpose rule has it; the form says where the
 * examples are.
 */
sealed interface CotangentTerm {
    /**
     * The term in the value's own shape, summed over the examples.
     *
     * @param a emits nodes
     * @param of the value
     */
    Value summed(Algebra a, Value of);

    /** A term of exactly the value's shape. */
    record Exact(Value value) implements CotangentTerm {
        @Override
        public Value summed(Algebra a, Value of) {
            return value;
        }
    }

    /** A term that is zero outside of [from, from + its size) along an axis of static size. */
    record Piece(int axis, long from, Value value) implements CotangentTerm {
        long end() {
            return from + value.shape().dim(axis);
        }

        @Override
        public Value summed(Algebra a, Value of) {
            long[] pads = new long[2 * of.rank()];
            pads[axis] = from;
            pads[axis + of.rank()] = of.shape().dim(axis) - end();
            return a.op("Pad", value, a.builder().vector(pads), a.scalar(value, 0));
        }
    }

    /** A term that is the same along some of the value's axes, where it has size 1. */
    record Repeated(Value value) implements CotangentTerm {
        @Override
        public Value summed(Algebra a, Value of) {
            return a.expand(value, of.shape());
        }
    }

    /** A term of a shape to which the value was broadcast. */
    record Broadcast(Value value) implements CotangentTerm {
        @Override
        public Value summed(Algebra a, Value of) {
            return a.sumTo(value, of.shape());
        }
    }

    /** A term [n, …] for each example, of n times the value's size. */
    record ByExample(Value value) implements CotangentTerm {
        @Override
        public Value summed(Algebra a, Value of) {
            return a.reshape(a.sum(value, false, 0), of.shape());
        }
    }

    /**
     * Cotangents of rows that were looked up along the value's first axis.
     *
     * @param index which rows, whole numbers of any shape
     * @param value [index…, row…]
     */
    record TableRows(Value index, Value value) implements CotangentTerm {
        @Override
        public Value summed(Algebra a, Value of) {
            Shape places = index.shape().product(0, index.rank());
            Value flatRows = a.reshape(value, places.concat(of.shape().slice(1, of.rank())));
            Value indices = a.cast(a.reshape(index, places.append(1)), ElementType.INT64);
            Value zeros = a.zeros(of.type(), of.shape());
            return a.op("ScatterND", new Attributes().string("reduction", "add"), zeros, indices, flatRows);
        }
    }

    /**
     * A weight matrix's cotangent as a sum of outer products Σ_t a_t ⊗ δ_t over the examples and positions t; the
     * weight may have any shape of the same size. Both factors have the same axes but for the weight's own; the
     * examples may lie on any of them, or be merged with positions.
     *
     * @param input a: [n, …, T, d_in], or [n, …, d_in, T] when positions are last
     * @param delta δ: [n, …, T, d_out], or [n, …, d_out, T]
     * @param positionsLast whether positions are the last axis of both
     * @param deltaFirst whether the weight is [d_out, d_in]; else [d_in, d_out]
     * @param shifts the same sum in a form that multiplies out faster, if there is one; its examples are the first axis
     *     of both factors
     */
    record OuterProduct(
            Value input,
            Value delta,
            boolean positionsLast,
            boolean deltaFirst,
            @Nullable ConvShifts shifts) implements CotangentTerm {
        OuterProduct(Value input, Value delta, boolean positionsLast, boolean deltaFirst) {
            this(input, delta, positionsLast, deltaFirst, null);
        }

        OuterProduct with(Value otherInput, Value otherDelta) {
            return new OuterProduct(otherInput, otherDelta, positionsLast, deltaFirst);
        }

        /** d_in. */
        long inputWidth() {
            return width(input);
        }

        /** d_out. */
        long outputWidth() {
            return width(delta);
        }

        private long width(Value factor) {
            return factor.shape().at(0)[widthAxis()];
        }

        /** The axis of either factor that is the weight's own. */
        int widthAxis() {
            return input.rank() - (positionsLast ? 2 : 1);
        }

        @Override
        public Value summed(Algebra a, Value of) {
            if (shifts != null) {
                return a.reshape(shifts.summed(), of.shape());
            }
            if (positionsLast) {
                return positionsLast(a, of);
            }
            Value inputs = rows(a, input);
            Value deltas = rows(a, delta);
            Value matrix = deltaFirst ? a.gemm(deltas, true, inputs, false) : a.gemm(inputs, true, deltas, false);
            return a.reshape(matrix, of.shape());
        }

        /**
         * Per example products are summed afterwards where the weight is small; where it is larger than what it is made
         * from, one product over all examples needs less memory.
         */
        private Value positionsLast(Algebra a, Value of) {
            long weight = Tensor.count(of.shape().at(0));
            long positions = input.shape().at(0)[input.rank() - 1];
            if (weight > positions * (inputWidth() + width(delta))) {
                return new OuterProduct(a.swap(input), a.swap(delta), false, deltaFirst).summed(a, of);
            }
            Value each = deltaFirst ? a.matmul(delta, a.swap(input)) : a.matmul(input, a.swap(delta));
            long[] axes = LongStream.range(0, each.rank() - 2).toArray();
            return a.reshape(a.sum(each, false, axes), of.shape());
        }

        private static Value rows(Algebra a, Value v) {
            return a.reshape(
                    v, v.shape().product(0, v.rank() - 1).concat(v.shape().slice(v.rank() - 1, v.rank())));
        }
    }
}
