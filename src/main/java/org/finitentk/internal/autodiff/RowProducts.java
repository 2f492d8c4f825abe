package org.finitentk.internal.autodiff;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.finitentk.internal.autodiff.CotangentTerm.Broadcast;
import org.finitentk.internal.autodiff.CotangentTerm.OuterProduct;
import org.finitentk.internal.onnx.OperatorTraits;
import org.finitentk.internal.onnx.OperatorTraits.Trait;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.ShapeInference;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * Products with the Jacobian of a network that has one output, for many vectors. J has one row an example, and the
 * cotangents of that row, from the output down to where parameters come in, are the same for all vectors: a product
 * with u scales them example by example and goes on to the parameters, a product with v takes their inner products with
 * what v does there. Neither goes through the layers in between again, which is half of a product's work (the factors
 * of Novak et al. 2022, "Fast Finite Width Neural Tangent Kernel", section 3, without keeping them apart for each
 * parameter).
 */
final class RowProducts {
    private final Algebra algebra;
    private final ReverseMode reverse;
    private final Set<String> parameterOnly;
    private final Shape batch;
    private final ExampleAxes axes;
    /** Cotangents of the rows themselves. */
    private final Cotangents rows;
    /** Cotangents of the parameters, and of what is made of them alone, summed over the examples. */
    private final ParameterSums sums;

    private final Value cotangent;
    private @Nullable Value jv;

    /** Cotangents of some values; others get none. */
    private static class Part extends Cotangents {
        private final Predicate<String> wanted;

        Part(Algebra algebra, Predicate<String> wanted) {
            super(algebra);
            this.wanted = wanted;
        }

        @Override
        void add(Value of, CotangentTerm term) {
            if (wanted.test(of.name())) {
                super.add(of, term);
            }
        }
    }

    /** Of the parameters: terms of a node whose cotangent is not scaled yet are scaled where that is least work. */
    private final class ParameterSums extends Part {
        /** Whether u is still to be multiplied. */
        private boolean pending;

        private boolean failed;

        ParameterSums(Algebra algebra) {
            super(algebra, parameterOnly::contains);
        }

        /** Takes a node's cotangents to its parameters. */
        boolean take(Node node, Value ct, ExampleAxes.Place place) {
            // weights on the left of Gemm get a gradient that is summed already
            pending = OperatorTraits.of(node).has(Trait.SCALED_LATER)
                    && !(node.op().equals("Gemm") && parameterOnly.contains(node.input(0)));
            add(node.output(), pending ? ct : scaled(ct, place));
            reverse.transpose(node, this);
            pending = false;
            return !failed;
        }

        @Override
        void add(Value of, CotangentTerm term) {
            if (!pending || !parameterOnly.contains(of.name())) {
                super.add(of, term);
            } else if (term instanceof Broadcast broadcast) {
                broadcast(of, broadcast.value());
            } else if (term instanceof OuterProduct product) {
                outer(of, product);
            } else {
                failed = true;
                super.add(of, term);
            }
        }

        private void broadcast(Value of, Value term) {
            ExampleAxes.Place place = axes.find(term);
            if (place == null) {
                failed = true;
            } else if (isRepeated(of, term, place)) {
                Value each = algebra.sumTo(term, of.shape(), 1);
                Value sum = algebra.matmul(
                        algebra.reshape(
                                algebra.cast(cotangent, each.type()),
                                Shape.of(1).concat(batch)),
                        algebra.reshape(each, batch.concat(of.shape().product(0, of.rank()))));
                add(of.name(), algebra.reshape(sum, of.shape()));
            } else {
                super.add(of, new Broadcast(scaled(term, place)));
            }
        }

        /** A matrix that is multiplied transposed is left as it is: it can then be transposed once for all vectors. */
        private void outer(Value of, OuterProduct p) {
            boolean byInput = p.deltaFirst() && !p.positionsLast();
            ExampleAxes.Place place = axes.find(byInput ? p.input() : p.delta());
            failed |= place == null;
            super.add(
                    of,
                    place == null
                            ? p
                            : byInput
                                    ? p.with(scaled(p.input(), place), p.delta())
                                    : p.with(p.input(), scaled(p.delta(), place)));
        }
    }

    private RowProducts(ForwardMode forward, ReverseMode reverse, Value u) {
        this.algebra = forward.algebra();
        this.reverse = reverse;
        this.parameterOnly = forward.parameterOnly();
        this.cotangent = u;
        this.batch = u.shape().slice(0, 1);
        this.axes = new ExampleAxes(algebra.builder(), batch);
        this.rows = new Part(algebra, name -> !parameterOnly.contains(name));
        this.sums = new ParameterSums(algebra);
    }

    /**
     * Writes both products.
     *
     * @param forward has run; its tangents are those of a vector v
     * @param reverse its linear part
     * @param tangent that of the output, of n elements
     * @param u cotangent [n, 1]
     * @return the products; null if the examples cannot be told apart where a parameter comes in
     */
    static @Nullable RowProducts of(ForwardMode forward, ReverseMode reverse, Value tangent, Value u) {
        if (u.shape().isStatic()) {
            return null;
        }
        RowProducts products = new RowProducts(forward, reverse, u);
        return products.run(tangent) ? products : null;
    }

    /** J v, [n, 1]. */
    Value jv() {
        return Objects.requireNonNull(jv, "no parameter");
    }

    /** Jᵀ u. */
    Cotangents vjp() {
        return sums;
    }

    private boolean run(Value tangent) {
        Value ones = algebra.reshape(algebra.expand(algebra.scalar(cotangent, 1), cotangent.shape()), tangent.shape());
        axes.declare(ones, new ExampleAxes.Place(0, 1, 1));
        rows.add(tangent.name(), ones);
        List<Node> nodes = reverse.linearNodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (parameterOnly.contains(node.output())) {
                if (sums.find(node.output()) != null) {
                    reverse.transpose(node, sums);
                }
            } else if (node.outputs().stream().anyMatch(output -> rows.find(output) != null)) {
                boolean entered = node.inputs().stream().anyMatch(parameterOnly::contains);
                if (entered && !enter(node)) {
                    return false;
                }
                if (node.inputs().stream()
                        .anyMatch(input -> reverse.isLinear(input) && !parameterOnly.contains(input))) {
                    reverse.transpose(node, rows);
                }
            }
        }
        return jv != null;
    }

    /**
     * Where parameters come in: the rows' cotangents are scaled for the one product, and multiplied with what comes in
     * for the other.
     */
    private boolean enter(Node node) {
        Value ct = node.outputs().size() == 1 ? rows.find(node.output()) : null;
        ExampleAxes.Place place = ct == null ? null : axes.find(ct);
        if (ct == null || place == null) {
            return false;
        }
        Value term = algebra.cast(entering(node, ct, place), cotangent.type());
        jv = jv == null ? term : algebra.add(jv, term);
        return sums.take(node, ct, place);
    }

    /**
     * The inner products, [n, 1], of the rows' cotangents with a node's output as it would be if no other tangents came
     * in than those of parameters.
     */
    private Value entering(Node node, Value ct, ExampleAxes.Place place) {
        List<Integer> own = linearInputs(node, true);
        List<Integer> others = linearInputs(node, false);
        ShapeInference shapes = algebra.builder().shapes();
        if (others.isEmpty()) {
            Value entered = shapes.get(node.output());
            return perExample(
                    node.domain().equals(GuardedProduct.DOMAIN)
                            ? algebra.guarded(ct, entered)
                            : algebra.mul(ct, entered),
                    place);
        }
        boolean gemm = node.op().equals("Gemm");
        OperatorTraits traits = OperatorTraits.of(node);
        if (own.size() == 1 && ((traits.has(Trait.ADDS) || traits.has(Trait.SUBTRACTS)) || gemm && own.get(0) == 2)) {
            Value term = added(shapes.get(node.input(own.get(0))), ct, place);
            return gemm
                    ? algebra.mul(term, node.real("beta", 1))
                    : node.op().equals("Sub") && own.get(0) == 1 ? algebra.neg(term) : term;
        }
        @Nullable
        Value[] in = new @Nullable
                Value[gemm && others.equals(List.of(2)) ? 2 : node.inputs().size()];
        for (int i = 0; i < in.length; i++) {
            Value given = node.hasInput(i) ? shapes.get(node.input(i)) : null;
            in[i] = given != null && others.contains(i) ? algebra.zeros(given.type(), given.shape()) : given;
        }
        return perExample(algebra.mul(ct, algebra.builder().emit(node.op(), node.attributes(), in)), place);
    }

    /** Which of a node's inputs are linear and are made of parameters alone, or are not. */
    private List<Integer> linearInputs(Node node, boolean ofParameters) {
        return IntStream.range(0, node.inputs().size())
                .filter(i -> reverse.isLinear(node.input(i)) && parameterOnly.contains(node.input(i)) == ofParameters)
                .boxed()
                .toList();
    }

    /**
     * The inner products with a parameter's tangent that was added to every example: what it was repeated along is
     * summed up before, once for all vectors.
     */
    private Value added(Value parameter, Value ct, ExampleAxes.Place place) {
        if (!isRepeated(parameter, ct, place)) {
            return perExample(algebra.mul(ct, parameter), place);
        }
        Value each = algebra.sumTo(ct, parameter.shape(), 1);
        Shape size = parameter.shape().product(0, parameter.rank());
        return algebra.matmul(algebra.reshape(each, batch.concat(size)), algebra.reshape(parameter, size.append(1)));
    }

    /** Whether a parameter was repeated for the examples, which come first. */
    private static boolean isRepeated(Value parameter, Value of, ExampleAxes.Place place) {
        boolean more = of.rank() > parameter.rank() || parameter.shape().dim(0) == 1;
        return place.isLeading() && place.after() == 1 && more;
    }

    /** Sums an example's elements: [n, 1]. */
    private Value perExample(Value v, ExampleAxes.Place place) {
        Shape left = v.shape().slice(0, place.axis());
        Shape right = v.shape().slice(place.axis() + 1, v.rank());
        if (left.rank() == 0 && place.before() == 1) {
            Shape size = right.append(place.after()).product(0, right.rank() + 1);
            Value matrix = algebra.reshape(v, batch.concat(size));
            return size.equals(Shape.of(1)) ? matrix : algebra.sum(matrix, true, 1);
        }
        Value split = algebra.reshape(
                v,
                left.append(place.before()).concat(batch).append(place.after()).concat(right));
        long[] others = LongStream.range(0, split.rank())
                .filter(axis -> axis != place.axis() + 1)
                .toArray();
        return algebra.reshape(algebra.sum(split, false, others), batch.append(1));
    }

    /** A value times u, example by example. */
    private Value scaled(Value v, ExampleAxes.Place place) {
        Value own = algebra.cast(cotangent, v.type());
        Shape before = Shape.ones(place.axis());
        Shape after = Shape.ones(v.rank() - place.axis() - 1);
        if (place.before() == 1 && place.after() == 1) {
            return algebra.mul(v, algebra.reshape(own, before.concat(batch).concat(after)));
        }
        Value repeated = algebra.expand(
                algebra.reshape(own, Shape.of(1).concat(batch).append(1)),
                Shape.of(place.before()).concat(batch).append(place.after()));
        return algebra.mul(
                v,
                algebra.reshape(
                        repeated,
                        before.concat(v.shape().slice(place.axis(), place.axis() + 1))
                                .concat(after)));
    }
}
