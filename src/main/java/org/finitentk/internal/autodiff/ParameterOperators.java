package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.Objects;
import org.finitentk.internal.onnx.OperatorTraits;
import org.finitentk.internal.onnx.OperatorTraits.Trait;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.ShapeInference;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.Node;

/** Operators on parameters alone, through which the gradients of each example are carried back. */
record ParameterOperators(Algebra algebra) {
    /** Whether gradients of each example can be carried back through an operator on a parameter. */
    static boolean carries(Node node) {
        return OperatorTraits.of(node).has(Trait.CARRIES_EXAMPLES)
                || node.domain().equals(GuardedProduct.DOMAIN);
    }

    /**
     * Whether an operator takes a part of a parameter out, in steps of 1, so that gradients of each example can be
     * carried back with zeros around them.
     */
    static boolean cuts(Node node, ShapeInference shapes) {
        Value steps = node.hasInput(4) ? shapes.find(node.input(4)) : null;
        double[] known = steps == null ? new double[0] : steps.constant();
        return node.op().equals("Slice")
                && known != null
                && Arrays.stream(known).allMatch(s -> s == 1)
                && shapes.get(node.input(1)).constant() != null
                && (!node.hasInput(3) || shapes.get(node.input(3)).constant() != null);
    }

    /** Whether an operator looks rows of a parameter up that are the same for all examples. */
    static boolean looksUp(Node node, ShapeInference shapes) {
        Value index = node.op().equals("Gather") && node.integer("axis", 0) == 0 ? shapes.find(node.input(1)) : null;
        return index != null && index.constant() != null;
    }

    /** Whether a node multiplies or divides all of a parameter by one number. */
    boolean isScaling(Node node, int position) {
        boolean scales =
                OperatorTraits.of(node).has(Trait.SCALES) || node.domain().equals(GuardedProduct.DOMAIN);
        return scales
                && algebra.builder()
                        .shapes()
                        .get(node.input(1 - position))
                        .shape()
                        .product(0, factorRank(node, position))
                        .equals(Shape.of(1));
    }

    private int factorRank(Node node, int position) {
        return algebra.builder().shapes().get(node.input(1 - position)).rank();
    }

    /** The examples' cotangents [n, …output…] of a node's output as those of its parameter input. */
    Value carried(Node node, int position, Value each) {
        Algebra a = algebra;
        return switch (node.op()) {
            case "Neg" -> a.neg(each);
            case "Mul", "Div", GuardedProduct.OP, GuardedProduct.QUOTIENT -> {
                Value factor = a.builder().shapes().get(node.input(1 - position));
                Value plain = isScaling(node, position) ? a.reshape(factor, Shape.of()) : factor;
                yield switch (node.op()) {
                    case "Mul" -> a.mul(each, plain);
                    case "Div" -> a.div(each, plain);
                    case GuardedProduct.OP -> a.guarded(each, plain);
                    default -> a.guardedQuotient(each, plain);
                };
            }
            case "Transpose" -> moved(node, each);
            case "Slice" -> spread(node, each);
            default -> each;
        };
    }

    /** Zeros around what was sliced out of a parameter, in steps of 1. */
    private Value spread(Node node, Value each) {
        Algebra a = algebra;
        Shape whole = a.builder().shapes().get(node.input(0)).shape();
        double[] starts =
                Objects.requireNonNull(a.builder().shapes().get(node.input(1)).constant());
        double[] axes =
                node.hasInput(3) ? a.builder().shapes().get(node.input(3)).constant() : null;
        long[] pads = new long[2 * each.rank()];
        for (int i = 0; i < starts.length; i++) {
            int axis = (int) (axes == null ? i : axes[i] < 0 ? axes[i] + whole.rank() : axes[i]);
            long size = whole.dim(axis);
            pads[axis + 1] = Math.max(0, Math.min(size, (long) (starts[i] < 0 ? starts[i] + size : starts[i])));
            pads[axis + 1 + each.rank()] = size - pads[axis + 1] - each.shape().dim(axis + 1);
        }
        return a.op("Pad", each, a.builder().vector(pads), a.scalar(each, 0));
    }

    private Value moved(Node node, Value direct) {
        long[] perm = node.integers("perm");
        int rank = direct.rank() - 1;
        int[] inverse = new int[rank + 1];
        for (int i = 0; i < rank; i++) {
            inverse[(perm == null ? rank - 1 - i : (int) perm[i]) + 1] = i + 1;
        }
        return algebra.transpose(direct, inverse);
    }
}
