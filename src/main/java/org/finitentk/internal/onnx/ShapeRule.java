package org.finitentk.internal.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/** How one operator's output types and shapes follow from its inputs, for one sample of the dynamic sizes. */
interface ShapeRule {
    /** That of input 0. */
    ShapeRule SAME = s -> Outcome.of(s.type(0), s.shape(0));

    Outcome infer(Sample sample);

    /** That of input 0, of known elements a function. */
    static Outcome elementwise(Sample s, DoubleUnaryOperator f) {
        double[] x = s.known(0);
        return Outcome.of(s.type(0), s.shape(0))
                .with(x == null ? null : Arrays.stream(x).map(f).toArray());
    }

    /** Output types and shapes, and the first output's elements where they are known. */
    record Outcome(List<ElementType> types, List<long[]> shapes, double @Nullable [] known) {
        static Outcome of(ElementType type, long... shape) {
            return new Outcome(List.of(type), List.of(shape), null);
        }

        Outcome with(double @Nullable [] elements) {
            return new Outcome(types, shapes, elements);
        }
    }

    /** A node's inputs under one sample. */
    record Sample(Node node, List<@Nullable Value> inputs, int index) {
        Value in(int i) {
            Value value = i < inputs.size() ? inputs.get(i) : null;
            if (value == null) {
                throw new InvalidModelException("input " + i + " is missing");
            }
            return value;
        }

        boolean has(int i) {
            return i < inputs.size() && inputs.get(i) != null;
        }

        long[] shape(int i) {
            return in(i).shape().at(index);
        }

        ElementType type(int i) {
            return in(i).type();
        }

        double @Nullable [] known(int i) {
            if (!has(i)) {
                return null;
            }
            double[][] both = in(i).known();
            return both == null ? null : both[index];
        }

        /** The elements of an input that must be known for the output's shape to be. */
        long[] longs(int i) {
            double[] known = known(i);
            if (known == null) {
                throw new InvalidModelException("input " + i + " ('" + in(i).name()
                        + "') determines the output's shape, but it is computed from data");
            }
            long[] out = new long[known.length];
            for (int j = 0; j < out.length; j++) {
                out[j] = (long) known[j];
            }
            return out;
        }

        int axis(String key, long defaultValue, int rank) {
            return normalize(node.integer(key, defaultValue), rank);
        }
    }

    static int normalize(long axis, int rank) {
        long a = axis < 0 ? axis + rank : axis;
        if (a < 0 || a >= Math.max(rank, 1)) {
            throw new InvalidModelException("axis " + axis + " is outside a rank of " + rank);
        }
        return (int) a;
    }
}
