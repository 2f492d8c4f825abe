package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.finitentk.internal.autodiff.CotangentTerm.Broadcast;
import org.finitentk.internal.autodiff.CotangentTerm.ByExample;
import org.finitentk.internal.autodiff.CotangentTerm.OuterProduct;
import org.finitentk.internal.autodiff.CotangentTerm.TableRows;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * Cotangents that stop being summed over the examples where they reach the parameters (and what is only made of
 * parameters): there they are kept as factors of outer products, or as one gradient an example.
 */
final class PerExampleCotangents extends Cotangents {
    private final Shape batch;
    /** Whether the graph takes one example at a time, so that all that is no parameter is this example's. */
    private final boolean single;

    private final Set<String> parameterOnly;
    /**
     * By parameters and what is made of them alone: {@link ByExample}, {@link OuterProduct}, or {@link TableRows} of
     * index [n, T] and cotangents [n, T, d].
     */
    private final Map<String, List<CotangentTerm>> terms = new HashMap<>();

    private final Set<String> unstructured = new HashSet<>();
    private final ExampleAxes axes;
    private final ParameterOperators operators;

    /**
     * Of one graph.
     *
     * @param batch its number of examples: a symbol, or 1
     */
    PerExampleCotangents(Algebra algebra, Shape batch, Set<String> parameterOnly) {
        super(algebra);
        this.batch = batch;
        this.single = batch.isStatic();
        this.axes = new ExampleAxes(algebra.builder(), batch);
        this.operators = new ParameterOperators(algebra);
        this.parameterOnly = parameterOnly;
    }

    @Override
    void add(Value of, CotangentTerm term) {
        if (!parameterOnly.contains(of.name())) {
            super.add(of, term);
        } else if (term instanceof ByExample examples) {
            direct(of, examples.value());
        } else if (single && !(term instanceof TableRows) && !(term instanceof OuterProduct)) {
            direct(of, term.summed(algebra(), of));
        } else if (!(term instanceof Broadcast broadcast && keep(of, broadcast)
                || term instanceof TableRows rows && keep(of, rows)
                || term instanceof OuterProduct product && keep(of, product))) {
            unstructured.add(of.name());
        }
    }

    private boolean keep(Value of, Broadcast broadcast) {
        Value term = broadcast.value();
        ExampleAxes.Place place = axes.find(term);
        int own = place == null ? -1 : place.axis() - (term.rank() - of.rank());
        if (place == null || (own >= 0 && of.shape().dim(own) != 1)) {
            return false;
        }
        direct(of, algebra().sumTo(examplesFirst(term, place), of.shape(), 1));
        return true;
    }

    private boolean keep(Value of, TableRows rows) {
        if (single) {
            table(of, alone(rows.index()), alone(rows.value()));
            return true;
        }
        ExampleAxes.Place place = axes.find(rows.index());
        if (place == null || !place.isLeading() || rows.index().rank() == 0 || !place.equals(axes.find(rows.value()))) {
            return false;
        }
        table(of, examplesFirst(rows.index(), place), examplesFirst(rows.value(), place));
        return true;
    }

    private boolean keep(Value of, OuterProduct p) {
        if (single) {
            boolean leading = p.input().shape().dim(0) == 1;
            put(of, leading ? p : p.with(alone(p.input()), alone(p.delta())));
            return true;
        }
        ExampleAxes.Place input = axes.find(p.input());
        ExampleAxes.Place delta = axes.find(p.delta());
        // on the axis of the weight's own inputs or outputs, examples would be mixed by it
        if (input == null
                || !input.equals(delta)
                || input.axis() == p.widthAxis()
                || p.input().rank() != p.delta().rank()) {
            return false;
        }
        Value inputFirst = examplesFirst(p.input(), input);
        boolean asItWas = inputFirst.name().equals(p.input().name());
        put(
                of,
                new OuterProduct(
                        inputFirst,
                        examplesFirst(p.delta(), input),
                        p.positionsLast(),
                        p.deltaFirst(),
                        asItWas ? p.shifts() : null));
        return true;
    }

    /** Index [n, …] and cotangents [n, …, row…] of rows of a table. */
    private void table(Value of, Value index, Value term) {
        Algebra a = algebra();
        Shape positions = index.shape().product(1, index.rank());
        // rows may be counted from the table's end
        Value flat = a.op(
                "Mod",
                a.cast(a.reshape(index, batch.concat(positions)), ElementType.INT64),
                a.builder().vector(of.shape().dim(0)));
        put(
                of,
                new TableRows(
                        flat,
                        a.reshape(
                                term, batch.concat(positions).concat(of.shape().product(1, of.rank())))));
    }

    private void direct(Value of, Value term) {
        put(of, new ByExample(algebra().reshape(term, batch.concat(of.shape()))));
    }

    private void put(Value of, CotangentTerm term) {
        terms.computeIfAbsent(of.name(), name -> new ArrayList<>()).add(term);
    }

    /** An axis before all others for the only example. */
    private Value alone(Value v) {
        return algebra().reshape(v, batch.concat(v.shape()));
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
        Value split = a.reshape(
                v,
                left.append(place.before()).concat(batch).append(place.after()).concat(right));
        int[] perm = new int[split.rank()];
        perm[0] = axis + 1;
        for (int i = 1; i < perm.length; i++) {
            perm[i] = i <= axis + 1 ? i - 1 : i;
        }
        return a.reshape(
                a.transpose(split, perm),
                batch.concat(left).append(place.before() * place.after()).concat(right));
    }

    /**
     * Carries what reached a node's output, made only of parameters, to its parameter input {@code in}, at a position
     * among its inputs.
     */
    void throughParameters(Node node, Value in, int position) {
        if (unstructured.contains(node.output())) {
            unstructured.add(in.name());
            return;
        }
        for (CotangentTerm term : terms.getOrDefault(node.output(), List.of())) {
            if (term instanceof TableRows || node.op().equals("Gather")) {
                lookedUp(node, in, position, term);
            } else if (!(term instanceof OuterProduct product && through(node, in, position, product))) {
                Value each = algebra()
                        .reshape(
                                each(term),
                                batch.concat(algebra()
                                        .builder()
                                        .shapes()
                                        .get(node.output())
                                        .shape()));
                direct(in, algebra().cast(operators.carried(node, position, each), in.type()));
            }
        }
    }

    /** Carries an outer product through as one, if the operator leaves it one. */
    private boolean through(Node node, Value in, int position, OuterProduct p) {
        if (node.op().equals("Reshape")) {
            // the elements keep their order, and so the outer products theirs
            put(in, p);
        } else if (node.op().equals("Transpose") && isMatrix(node.output(), p)) {
            put(in, new OuterProduct(p.input(), p.delta(), p.positionsLast(), !p.deltaFirst()));
        } else if (Set.of("Neg", "Cast").contains(node.op()) || operators.isScaling(node, position)) {
            Value delta = algebra().cast(operators.carried(node, position, p.delta()), in.type());
            put(in, p.with(algebra().cast(p.input(), in.type()), delta));
        } else {
            return false;
        }
        return true;
    }

    /**
     * TableRows of a table that are the same for all examples, as positions in a sequence are; nothing else is carried
     * through a look-up, or from one to a table.
     */
    private void lookedUp(Node node, Value in, int position, CotangentTerm term) {
        if (!(term instanceof ByExample direct) || position != 0 || node.integer("axis", 0) != 0) {
            unstructured.add(in.name());
            return;
        }
        Algebra a = algebra();
        Value index = a.cast(a.builder().shapes().get(node.input(1)), ElementType.INT64);
        Value flat = a.reshape(index, Shape.of(1).concat(index.shape().product(0, index.rank())));
        table(in, a.expand(flat, batch.concat(flat.shape().slice(1, 2))), direct.value());
    }

    /** Whether a value's two axes are those of an outer product, and not others of the same size. */
    private boolean isMatrix(String name, OuterProduct p) {
        return algebra()
                .builder()
                .shapes()
                .get(name)
                .shape()
                .equals(
                        p.deltaFirst()
                                ? Shape.of(p.outputWidth(), p.inputWidth())
                                : Shape.of(p.inputWidth(), p.outputWidth()));
    }

    /** The gradient of each example, of n times the parameter's size. */
    private Value each(CotangentTerm term) {
        return term instanceof OuterProduct product ? materialize(product) : ((ByExample) term).value();
    }

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
        return algebra()
                .reshape(rows, batch.concat(positions).concat(rows.shape().slice(rank - 1, rank)));
    }

    /** What is known of a parameter's gradient; null if it has no structure that is kept. */
    PerExample.@Nullable Gradient gradient(Value parameter, PerExample.Choice choice) {
        if (unstructured.contains(parameter.name()) || find(parameter.name()) != null) {
            return null;
        }
        List<CotangentTerm> all = terms.getOrDefault(parameter.name(), List.of());
        if (all.stream().anyMatch(TableRows.class::isInstance)) {
            return choice.keepRows() && all.stream().allMatch(TableRows.class::isInstance)
                    ? rows(all.stream().map(TableRows.class::cast).toList())
                    : null;
        }
        if (!all.isEmpty() && all.stream().allMatch(OuterProduct.class::isInstance)) {
            PerExample.Gradient factors =
                    factors(all.stream().map(OuterProduct.class::cast).toList(), choice);
            if (factors != null) {
                return factors;
            }
        }
        Value sum = null;
        for (CotangentTerm term : all) {
            Value flat =
                    algebra().reshape(each(term), batch.concat(parameter.shape().product(0, parameter.rank())));
            sum = sum == null ? flat : algebra().add(sum, flat);
        }
        return PerExample.Gradient.of(sum);
    }

    /** Several look-ups in one table are one of all their positions. */
    private PerExample.Gradient rows(List<TableRows> all) {
        return new PerExample.Gradient(
                null,
                joined(all.stream().map(TableRows::index)),
                null,
                joined(all.stream().map(TableRows::value)));
    }

    /**
     * Several uses of one weight are one sum of outer products over all their positions: their cross terms are then
     * counted by themselves.
     */
    private PerExample.@Nullable Gradient factors(List<OuterProduct> all, PerExample.Choice choice) {
        OuterProduct first = all.get(0);
        long positions = 0;
        for (OuterProduct p : all) {
            if (p.deltaFirst() != first.deltaFirst() || p.inputWidth() != first.inputWidth()) {
                return null;
            }
            positions += p.input()
                            .shape()
                            .product(0, p.input().rank())
                            .quotient(0, batch, 0)
                            .at(0)[0]
                    / p.inputWidth();
        }
        if (!choice.keepFactors(positions, first.inputWidth(), first.outputWidth())) {
            return null;
        }
        List<Value> inputs = new ArrayList<>();
        List<Value> deltas = new ArrayList<>();
        for (OuterProduct p : all) {
            inputs.add(byPosition(p.input(), p.positionsLast()));
            deltas.add(byPosition(p.delta(), p.positionsLast()));
        }
        return new PerExample.Gradient(null, null, joined(inputs.stream()), joined(deltas.stream()));
    }

    private Value joined(Stream<Value> parts) {
        return algebra().concat(1, parts.toList());
    }
}
