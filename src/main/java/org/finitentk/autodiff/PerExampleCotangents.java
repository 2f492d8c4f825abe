package org.finitentk.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Shape;
import org.finitentk.onnx.ShapeInference;
import org.finitentk.onnx.Value;
import org.jspecify.annotations.Nullable;

/**
 * Cotangents that stop being summed over the examples where they reach the parameters (and what is only made of parameters): there
 * they are kept as factors of outer products, or as one gradient an example.
 */
final class PerExampleCotangents extends Cotangents {
    private static final Set<String> SCALING = Set.of("Mul", "Div", GuardedProduct.OP, GuardedProduct.QUOTIENT);

    /** A parameter's gradient per example: a term [n, …value's shape…], or an outer product, or rows of a table. */
    private record Term(@Nullable Value direct, @Nullable OuterProduct outer, @Nullable TableRows rows) {
        Term(@Nullable Value direct, @Nullable OuterProduct outer) {
            this(direct, outer, null);
        }
    }

    /** Which rows were looked up [n, T], and their cotangents [n, T, d]. */
    private record TableRows(Value index, Value delta) {
    }

    private final Shape batch;
    private final Set<String> parameterOnly;
    private final Map<String, List<Term>> terms = new HashMap<>();
    private final Set<String> unstructured = new HashSet<>();
    private final ExampleAxes axes;

    PerExampleCotangents(Algebra algebra, Shape batch, Set<String> parameterOnly) {
        super(algebra);
        this.batch = batch;
        this.axes = new ExampleAxes(algebra.builder(), batch);
        this.parameterOnly = parameterOnly;
    }

    @Override
    void exact(Value of, Value term) {
        if (parameterOnly.contains(of.name())) {
            unstructured.add(of.name());
        } else {
            super.exact(of, term);
        }
    }

    @Override
    void piece(Value of, int axis, long from, Value term) {
        if (parameterOnly.contains(of.name())) {
            unstructured.add(of.name());
        } else {
            super.piece(of, axis, from, term);
        }
    }

    @Override
    void repeated(Value of, Value term) {
        if (parameterOnly.contains(of.name())) {
            unstructured.add(of.name());
        } else {
            super.repeated(of, term);
        }
    }

    @Override
    void broadcast(Value of, Value term) {
        if (!parameterOnly.contains(of.name())) {
            super.broadcast(of, term);
            return;
        }
        ExampleAxes.Place place = axes.find(term);
        int own = place == null ? -1 : place.axis() - (term.rank() - of.rank());
        if (place == null || (own >= 0 && of.shape().dim(own) != 1)) {
            unstructured.add(of.name());
            return;
        }
        direct(of, algebra().sumTo(examplesFirst(term, place), of.shape(), 1));
    }

    @Override
    void rows(Value of, Value index, Value term) {
        if (!parameterOnly.contains(of.name())) {
            super.rows(of, index, term);
            return;
        }
        ExampleAxes.Place place = axes.find(index);
        if (place == null || !place.isLeading() || index.rank() == 0 || !place.equals(axes.find(term))) {
            unstructured.add(of.name());
            return;
        }
        table(of, examplesFirst(index, place), examplesFirst(term, place));
    }

    /** Index [n, …] and cotangents [n, …, row…] of rows of a table. */
    private void table(Value of, Value index, Value term) {
        Algebra a = algebra();
        Shape positions = index.shape().product(1, index.rank());
        // rows may be counted from the table's end
        Value flat = a.op("Mod", a.cast(a.reshape(index, batch.concat(positions)), ElementType.INT64), a.builder().vector(of.shape().dim(0)));
        Value delta = a.reshape(term, batch.concat(positions).concat(of.shape().product(1, of.rank())));
        terms.computeIfAbsent(of.name(), k -> new ArrayList<>()).add(new Term(null, null, new TableRows(flat, delta)));
    }

    @Override
    void examples(Value of, Value term) {
        if (parameterOnly.contains(of.name())) {
            direct(of, term);
        } else {
            super.examples(of, term);
        }
    }

    @Override
    void outer(Value of, OuterProduct p) {
        if (!parameterOnly.contains(of.name())) {
            super.outer(of, p);
            return;
        }
        ExampleAxes.Place input = axes.find(p.input());
        ExampleAxes.Place delta = axes.find(p.delta());
        // on the axis of the weight's own inputs or outputs, examples would be mixed by it
        int width = p.input().rank() - (p.positionsLast() ? 2 : 1);
        if (input != null && delta != null && input.equals(delta) && input.axis() != width && p.input().rank() == p.delta().rank()) {
            Value inputFirst = examplesFirst(p.input(), input);
            boolean asItWas = inputFirst.name().equals(p.input().name());
            OuterProduct first = new OuterProduct(inputFirst, examplesFirst(p.delta(), delta), p.positionsLast(), p.deltaFirst(), asItWas ? p.shifts() : null);
            terms.computeIfAbsent(of.name(), k -> new ArrayList<>()).add(new Term(null, first));
        } else {
            unstructured.add(of.name());
        }
    }

    private void direct(Value of, Value term) {
        Value shaped = algebra().reshape(term, batch.concat(of.shape()));
        terms.computeIfAbsent(of.name(), k -> new ArrayList<>()).add(new Term(shaped, null));
    }

    /** Brings the examples to an axis of their own before all others; what they were merged with stays where it was. */
    private Value examplesFirst(Value v, ExampleAxes.Place place) {
        int axis = place.axis();
        if (axis == 0 && place.before() == 1 && place.after() == 1) {
            return v;
        }
        Algebra a = algebra();
        Shape left = v.shape().slice(0, axis);
        Shape right = v.shape().slice(axis + 1, v.rank());
        Value split = a.reshape(v, left.append(place.before()).concat(batch).append(place.after()).concat(right));
        int[] perm = new int[split.rank()];
        perm[0] = axis + 1;
        for (int i = 1; i < perm.length; i++) {
            perm[i] = i <= axis + 1 ? i - 1 : i;
        }
        return a.reshape(a.transpose(split, perm), batch.concat(left).append(place.before() * place.after()).concat(right));
    }

    /** Whether gradients of each example can be carried back through an operator on a parameter. */
    static boolean carries(String op) {
        return Set.of("Reshape", "Transpose", "Cast", "Neg").contains(op) || SCALING.contains(op);
    }

    /** Whether an operator takes a part of a parameter out, in steps of 1, so that gradients of each example can be carried back with zeros around them. */
    static boolean cuts(Node node, ShapeInference shapes) {
        Value steps = node.hasInput(4) ? shapes.find(node.input(4)) : null;
        double[] known = steps == null ? new double[0] : steps.constant();
        return node.op().equals("Slice") && known != null && Arrays.stream(known).allMatch(s -> s == 1) && shapes.get(node.input(1)).constant() != null
            && (!node.hasInput(3) || shapes.get(node.input(3)).constant() != null);
    }

    /** Whether an operator looks rows of a parameter up that are the same for all examples. */
    static boolean looksUp(Node node, ShapeInference shapes) {
        Value index = node.op().equals("Gather") && node.integer("axis", 0) == 0 ? shapes.find(node.input(1)) : null;
        return index != null && index.constant() != null;
    }

    /** Carries what reached a node's output, made only of parameters, to its parameter input {@code in}, at a position among its inputs. */
    void throughParameters(Node node, Value in, int position) {
        if (unstructured.contains(node.output())) {
            unstructured.add(in.name());
            return;
        }
        for (Term term : terms.getOrDefault(node.output(), List.of())) {
            OuterProduct p = term.outer();
            if (term.rows() != null || node.op().equals("Gather")) {
                lookedUp(node, in, position, term);
            } else if (p != null && node.op().equals("Reshape")) {
                // the elements keep their order, and so the outer products theirs
                terms.computeIfAbsent(in.name(), k -> new ArrayList<>()).add(term);
            } else if (p != null && node.op().equals("Transpose") && isMatrix(node.output(), p)) {
                terms.computeIfAbsent(in.name(), k -> new ArrayList<>()).add(new Term(null, new OuterProduct(p.input(), p.delta(), p.positionsLast(), !p.deltaFirst())));
            } else if (p != null && (Set.of("Neg", "Cast").contains(node.op()) || isScaling(node, position))) {
                Value delta = algebra().cast(carried(node, position, p.delta()), in.type());
                OuterProduct scaled = new OuterProduct(algebra().cast(p.input(), in.type()), delta, p.positionsLast(), p.deltaFirst());
                terms.computeIfAbsent(in.name(), k -> new ArrayList<>()).add(new Term(null, scaled));
            } else {
                Value each = p != null ? algebra().reshape(materialize(p), batch.concat(algebra().builder().shapes().get(node.output()).shape())) : term.direct();
                if (each != null) {
                    direct(in, algebra().cast(carried(node, position, each), in.type()));
                }
            }
        }
    }

    /** Rows of a table that are the same for all examples, as positions in a sequence are; nothing else is carried through a look-up, or from one to a table. */
    private void lookedUp(Node node, Value in, int position, Term term) {
        Value direct = term.direct();
        if (direct == null || position != 0 || node.integer("axis", 0) != 0) {
            unstructured.add(in.name());
            return;
        }
        Algebra a = algebra();
        Value index = a.cast(a.builder().shapes().get(node.input(1)), ElementType.INT64);
        Value flat = a.reshape(index, Shape.of(1).concat(index.shape().product(0, index.rank())));
        table(in, a.expand(flat, batch.concat(flat.shape().slice(1, 2))), direct);
    }

    /** Whether a value's two axes are those of an outer product, and not others of the same size. */
    private boolean isMatrix(String name, OuterProduct p) {
        long in = width(p.input(), p.positionsLast());
        long out = width(p.delta(), p.positionsLast());
        return algebra().builder().shapes().get(name).shape().equals(p.deltaFirst() ? Shape.of(out, in) : Shape.of(in, out));
    }

    /** Whether a node multiplies or divides all of a parameter by one number. */
    private boolean isScaling(Node node, int position) {
        return SCALING.contains(node.op())
                && algebra().builder().shapes().get(node.input(1 - position)).shape().product(0, factorRank(node, position)).equals(Shape.of(1));
    }

    private int factorRank(Node node, int position) {
        return algebra().builder().shapes().get(node.input(1 - position)).rank();
    }

    /** The examples' cotangents [n, …output…] of a node's output as those of its parameter input. */
    private Value carried(Node node, int position, Value each) {
        Algebra a = algebra();
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
        Algebra a = algebra();
        Shape whole = a.builder().shapes().get(node.input(0)).shape();
        double[] starts = java.util.Objects.requireNonNull(a.builder().shapes().get(node.input(1)).constant());
        double[] axes = node.hasInput(3) ? a.builder().shapes().get(node.input(3)).constant() : null;
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
        return algebra().transpose(direct, inverse);
    }

    /** The gradient [n, size] of each example. */
    private Value materialize(OuterProduct p) {
        Algebra a = algebra();
        ConvShifts shifts = p.shifts();
        if (shifts != null) {
            Value each = shifts.each();
            return a.reshape(each, batch.concat(each.shape().product(1, each.rank())));
        }
        boolean kept = p.positionsLast() && p.input().rank() == 3;
        Value input = kept ? p.input() : a.swap(byPosition(p.input(), p.positionsLast()));
        Value delta = kept ? p.delta() : a.swap(byPosition(p.delta(), p.positionsLast()));
        Value matrix = p.deltaFirst() ? a.matmul(delta, a.swap(input)) : a.matmul(input, a.swap(delta));
        return a.reshape(matrix, batch.concat(matrix.shape().product(1, 3)));
    }

    /** A factor as [n, T, d]. */
    private Value byPosition(Value factor, boolean positionsLast) {
        Value rows = positionsLast ? algebra().swap(factor) : factor;
        int rank = rows.rank();
        Shape positions = rows.shape().product(0, rank - 1).quotient(0, batch, 0);
        return algebra().reshape(rows, batch.concat(positions).concat(rows.shape().slice(rank - 1, rank)));
    }

    /** What is known of a parameter's gradient; null if it has no structure that is kept. */
    PerExample.@Nullable Gradient gradient(Value parameter, PerExample.Choice choice) {
        if (unstructured.contains(parameter.name()) || find(parameter.name()) != null) {
            return null;
        }
        List<Term> all = terms.getOrDefault(parameter.name(), List.of());
        if (all.stream().anyMatch(term -> term.rows() != null)) {
            return choice.keepRows() ? rows(all) : null;
        }
        PerExample.Gradient factors = factors(all, choice);
        if (factors != null) {
            return factors;
        }
        Value sum = null;
        for (Term term : all) {
            Value each = term.outer() != null ? materialize(term.outer()) : term.direct();
            if (each != null) {
                Value flat = algebra().reshape(each, batch.concat(parameter.shape().product(0, parameter.rank())));
                sum = sum == null ? flat : algebra().add(sum, flat);
            }
        }
        return PerExample.Gradient.of(sum);
    }

    /** Several look-ups in one table are one of all their positions. */
    private PerExample.@Nullable Gradient rows(List<Term> all) {
        List<Value> indices = new ArrayList<>();
        List<Value> deltas = new ArrayList<>();
        for (Term term : all) {
            TableRows rows = term.rows();
            if (rows == null) {
                return null;
            }
            indices.add(rows.index());
            deltas.add(rows.delta());
        }
        return new PerExample.Gradient(null, algebra().concat(1, indices), null, algebra().concat(1, deltas));
    }

    /** Several uses of one weight are one sum of outer products over all their positions: their cross terms are then counted by themselves. */
    private PerExample.@Nullable Gradient factors(List<Term> all, PerExample.Choice choice) {
        List<Value> inputs = new ArrayList<>();
        List<Value> deltas = new ArrayList<>();
        Boolean deltaFirst = null;
        long inputWidth = 0;
        long positions = 0;
        for (Term term : all) {
            OuterProduct p = term.outer();
            if (p == null || (deltaFirst != null && (deltaFirst != p.deltaFirst() || inputWidth != width(p.input(), p.positionsLast())))) {
                return null;
            }
            deltaFirst = p.deltaFirst();
            inputWidth = width(p.input(), p.positionsLast());
            int axis = p.positionsLast() ? p.input().rank() - 2 : p.input().rank() - 1;
            positions += p.input().shape().product(0, p.input().rank()).quotient(0, batch, 0).at(0)[0] / p.input().shape().at(0)[axis];
        }
        if (deltaFirst == null) {
            return null;
        }
        OuterProduct first = all.get(0).outer();
        if (first == null || !choice.keepFactors(positions, width(first.input(), first.positionsLast()), width(first.delta(), first.positionsLast()))) {
            return null;
        }
        for (Term term : all) {
            OuterProduct p = term.outer();
            if (p != null) {
                inputs.add(byPosition(p.input(), p.positionsLast()));
                deltas.add(byPosition(p.delta(), p.positionsLast()));
            }
        }
        return new PerExample.Gradient(null, null, algebra().concat(1, inputs), algebra().concat(1, deltas));
    }

    private static long width(Value factor, boolean positionsLast) {
        return factor.shape().at(0)[positionsLast ? factor.rank() - 2 : factor.rank() - 1];
    }
}
