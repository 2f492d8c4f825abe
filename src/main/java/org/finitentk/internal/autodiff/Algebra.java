package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.GraphBuilder;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;

/**
 * Arithmetic that rules emit. Broadcasting, its inverse, reshaping and element types are handled here and nowhere else.
 */
final class Algebra {
    private final GraphBuilder builder;
    private boolean guarding;

    Algebra(GraphBuilder builder) {
        this.builder = builder;
    }

    GraphBuilder builder() {
        return builder;
    }

    /** From here on, products of tangents are such that 0 · inf is 0, or plain ones. */
    void guard(boolean guarded) {
        guarding = guarded;
    }

    boolean isGuarding() {
        return guarding;
    }

    /** A product in which 0 · inf is 0 if it guards, or a plain one. */
    Value product(Value a, Value b, boolean guards) {
        return guards ? guarded(a, b) : mul(a, b);
    }

    /** A quotient in which 0 / 0 is 0 if it guards, or a plain one. */
    Value quotient(Value a, Value b, boolean guards) {
        return guards ? guardedQuotient(a, b) : div(a, b);
    }

    /**
     * A divisor that is no number where it is negative: where f has no value, it has no derivative, however finite a
     * formula for that may be.
     */
    Value unlessNegative(Value divisor) {
        return guarding
                ? op("Where", op("Less", divisor, scalar(divisor, 0)), scalar(divisor, Double.NaN), divisor)
                : divisor;
    }

    Value guarded(Value a, Value b) {
        return GuardedProduct.emit(builder, GuardedProduct.OP, a, b);
    }

    Value guardedQuotient(Value a, Value b) {
        return GuardedProduct.emit(builder, GuardedProduct.QUOTIENT, a, b);
    }

    /** The node as it is. */
    Node plain(Node node) {
        builder.add(node);
        return node;
    }

    /** The node with the positions of what it finds, its optional second output, which a derivative needs. */
    Node withIndices(Node node) {
        if (node.outputs().size() > 1 && !node.outputs().get(1).isEmpty()) {
            return node;
        }
        List<String> outputs = List.of(node.output(), builder.fresh(node.op() + "_indices"));
        return new Node(node.name(), node.domain(), node.op(), node.inputs(), outputs, node.attributes());
    }

    Value op(String name, Value... in) {
        return builder.emit(name, in);
    }

    Value op(String name, Attributes attributes, Value... in) {
        return builder.emit(name, attributes.build(), in);
    }

    Value scalar(Value like, double number) {
        return builder.scalar(like.type(), number);
    }

    Value add(Value a, Value b) {
        return op("Add", a, b);
    }

    Value sub(Value a, Value b) {
        return op("Sub", a, b);
    }

    Value mul(Value a, Value b) {
        return op("Mul", a, b);
    }

    Value square(Value a) {
        return mul(a, a);
    }

    Value mul(Value a, double factor) {
        return factor == 1 ? a : op("Mul", a, scalar(a, factor));
    }

    Value add(Value a, double term) {
        return term == 0 ? a : op("Add", a, scalar(a, term));
    }

    Value div(Value a, Value b) {
        return op("Div", a, b);
    }

    Value neg(Value a) {
        return op("Neg", a);
    }

    Value matmul(Value a, Value b) {
        return op("MatMul", a, b);
    }

    /** a' b' with optional transposes; both of rank 2. */
    Value gemm(Value a, boolean transA, Value b, boolean transB) {
        return op("Gemm", new Attributes().integer("transA", transA ? 1 : 0).integer("transB", transB ? 1 : 0), a, b);
    }

    Value transpose(Value a, int... perm) {
        boolean identity = true;
        for (int i = 0; i < perm.length; i++) {
            identity &= perm[i] == i;
        }
        return identity
                ? a
                : op(
                        "Transpose",
                        new Attributes()
                                .integers(
                                        "perm",
                                        Arrays.stream(perm).asLongStream().toArray()),
                        a);
    }

    /** Swaps the last two axes. */
    Value swap(Value a) {
        int[] perm = IntStream.range(0, a.rank()).toArray();
        perm[perm.length - 1] = perm.length - 2;
        perm[perm.length - 2] = perm.length - 1;
        return transpose(a, perm);
    }

    /** Reshapes to a shape of the same size; a single dynamic dimension is left to the runtime (-1). */
    Value reshape(Value a, Shape target) {
        if (a.shape().equals(target)) {
            return a;
        }
        long[] dims = new long[target.rank()];
        int dynamic = 0;
        boolean empty = false;
        for (int i = 0; i < dims.length; i++) {
            dims[i] = target.dim(i);
            dynamic += dims[i] < 0 ? 1 : 0;
            empty |= dims[i] == 0;
        }
        Value shape = dynamic <= 1 && !empty ? builder.vector(dims) : builder.runtimeShape(target);
        Value out = op("Reshape", a, shape);
        if (!out.shape().equals(target)) {
            throw new IllegalStateException(
                    "reshape of " + a.name() + a.shape() + " to " + target + " came out as " + out.shape());
        }
        return out;
    }

    Value expand(Value a, Shape target) {
        return a.shape().equals(target) ? a : op("Expand", a, builder.runtimeShape(target));
    }

    Value sum(Value a, boolean keep, long... axes) {
        return axes.length == 0
                ? a
                : op("ReduceSum", new Attributes().integer("keepdims", keep ? 1 : 0), a, builder.vector(axes));
    }

    Value mean(Value a, long... axes) {
        return op("ReduceMean", new Attributes().integer("keepdims", 1), a, builder.vector(axes));
    }

    /**
     * The inverse of broadcasting: sums a value over the axes along which an operand of the given shape was repeated.
     */
    Value sumTo(Value a, Shape operand) {
        return sumTo(a, operand, 0);
    }

    /** The same below the first {@code kept} axes of a, which the operand does not have and which stay. */
    Value sumTo(Value a, Shape operand, int kept) {
        List<Long> axes = new ArrayList<>();
        int extra = a.rank() - operand.rank();
        for (int i = kept; i < a.rank(); i++) {
            int own = i - extra;
            boolean repeated = own < 0 || (operand.dim(own) == 1 && a.shape().dim(i) != 1);
            if (repeated) {
                axes.add((long) i);
            }
        }
        Value summed = sum(a, true, axes.stream().mapToLong(Long::longValue).toArray());
        return reshape(summed, a.shape().slice(0, kept).concat(operand));
    }

    Value zeros(ElementType type, Shape shape) {
        return shape.isStatic() && Tensor.count(shape.at(0)) <= 16
                ? builder.constant(Tensor.ofReals(type, new double[(int) Tensor.count(shape.at(0))], shape.at(0)))
                : op("Expand", builder.scalar(type, 0), builder.runtimeShape(shape));
    }

    Value slice(Value a, int axis, long from, long to) {
        return op("Slice", a, builder.vector(from), builder.vector(to), builder.vector(axis));
    }

    Value slice(Value a, int axis, long from, long to, long step) {
        return op("Slice", a, builder.vector(from), builder.vector(to), builder.vector(axis), builder.vector(step));
    }

    Value concat(int axis, List<Value> parts) {
        return parts.size() == 1
                ? parts.get(0)
                : op("Concat", new Attributes().integer("axis", axis), parts.toArray(Value[]::new));
    }

    /** Parts of the given sizes along an axis. */
    List<Value> split(Value a, int axis, long... sizes) {
        return sizes.length == 1
                ? List.of(a)
                : builder.emitAll(
                        "Split",
                        new Attributes().integer("axis", axis).build(),
                        sizes.length,
                        a,
                        builder.vector(sizes));
    }

    Value cast(Value a, ElementType type) {
        return a.type() == type ? a : op("Cast", new Attributes().integer("to", type.code()), a);
    }
}
