package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.finitentk.internal.onnx.EinsumEquation;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.Value;

/**
 * Einsum, operand by operand, as matrix products: their rules know what the gradients of weights are. What holds the
 * examples is on the left, so that a weight is the matrix on the right.
 */
final class EinsumRules {
    private EinsumRules() {}

    static void register(RuleTable r) {
        r.lower("Einsum", EinsumRules::lower);
    }

    /** A value and the labels of its axes. */
    private record Term(Value value, List<Integer> labels) {
        Shape shape(List<Integer> of) {
            Shape shape = Shape.of();
            for (int label : of) {
                int axis = labels.indexOf(label);
                shape = shape.concat(axis < 0 ? Shape.of(1) : value.shape().slice(axis, axis + 1));
            }
            return shape;
        }

        /** In another order of the same labels. */
        Term ordered(Algebra a, List<Integer> order) {
            return new Term(
                    a.transpose(value, order.stream().mapToInt(labels::indexOf).toArray()), order);
        }
    }

    private static void lower(Rewrite n) {
        Algebra a = n.algebra();
        int count = n.node().inputs().size();
        List<Value> in =
                n.node().inputs().stream().map(a.builder().shapes()::get).toList();
        EinsumEquation equation =
                EinsumEquation.of(n.node(), in.stream().map(Value::rank).toList());
        Term sofar = new Term(in.get(0), equation.operands().get(0));
        for (int i = 1; i < count; i++) {
            Term next = new Term(in.get(i), equation.operands().get(i));
            List<Integer> needed = Stream.concat(
                            equation.output().stream(),
                            equation.operands().subList(i + 1, count).stream().flatMap(List::stream))
                    .toList();
            sofar = contract(
                    n, summed(a, sofar, l -> needed.contains(l) || next.labels().contains(l)), next, needed);
        }
        Term whole = summed(a, sofar, equation.output()::contains);
        n.result(whole.ordered(a, equation.output()).value());
    }

    /** Without the labels that nothing needs. */
    private static Term summed(Algebra a, Term term, Predicate<Integer> needed) {
        long[] axes = term.labels().stream()
                .filter(needed.negate())
                .mapToLong(term.labels()::indexOf)
                .toArray();
        return new Term(
                a.sum(term.value(), false, axes),
                term.labels().stream().filter(needed).toList());
    }

    private static Term contract(Rewrite n, Term first, Term second, List<Integer> needed) {
        Algebra a = n.algebra();
        Term kept = summed(a, second, l -> needed.contains(l) || first.labels().contains(l));
        boolean swap = first.value().shape().isStatic() && !kept.value().shape().isStatic();
        Term left = swap ? kept : first;
        Term right = swap ? first : kept;
        List<Integer> contracted = right.labels().stream()
                .filter(l -> left.labels().contains(l) && !needed.contains(l))
                .toList();
        if (contracted.isEmpty()) {
            return product(a, left, right);
        }
        if (!left.shape(contracted).equals(right.shape(contracted))) {
            throw n.refused("sums over axes that broadcast, " + left.value().shape() + " and "
                    + right.value().shape() + "; expected equal sizes");
        }
        return matrixProduct(a, left, right, contracted);
    }

    /** Nothing is summed: an elementwise product that broadcasts. */
    private static Term product(Algebra a, Term left, Term right) {
        List<Integer> own =
                right.labels().stream().filter(l -> !left.labels().contains(l)).toList();
        List<Integer> labels = join(left.labels(), own);
        Term ordered = right.ordered(
                a, labels.stream().filter(right.labels()::contains).toList());
        return new Term(
                a.mul(a.reshape(left.value(), left.shape(labels)), a.reshape(ordered.value(), right.shape(labels))),
                labels);
    }

    /**
     * [lead, batch, rows, contracted] by [batch, contracted, columns]. If both have batch axes, the examples lead where
     * they are not among these, so that the gradient of the right side is a sum over them alone.
     */
    private static Term matrixProduct(Algebra a, Term left, Term right, List<Integer> contracted) {
        List<Integer> batch = right.labels().stream()
                .filter(l -> left.labels().contains(l) && !contracted.contains(l))
                .toList();
        List<Integer> own =
                left.labels().stream().filter(l -> !right.labels().contains(l)).toList();
        List<Integer> columns =
                right.labels().stream().filter(l -> !left.labels().contains(l)).toList();
        List<Integer> lead = own.stream()
                .filter(l -> batch.isEmpty()
                        || left.value().shape().dim(left.labels().indexOf(l)) < 0)
                .toList();
        List<Integer> rows = own.stream().filter(l -> !lead.contains(l)).toList();
        Term l = left.ordered(a, join(lead, batch, rows, contracted));
        Term r = right.ordered(a, join(batch, contracted, columns));
        Shape outer = left.shape(join(lead, batch));
        Shape inner = product(left.shape(contracted));
        // without batch axes the leading ones are the rows
        Shape leftShape = batch.isEmpty()
                ? outer.concat(inner)
                : outer.concat(product(left.shape(rows))).concat(inner);
        Shape rightShape = right.shape(batch).concat(inner).concat(product(right.shape(columns)));
        Value product = a.matmul(a.reshape(l.value(), leftShape), a.reshape(r.value(), rightShape));
        Shape out = product.shape()
                .slice(0, lead.size() + batch.size())
                .concat(left.shape(rows))
                .concat(right.shape(columns));
        return new Term(a.reshape(product, out), join(lead, batch, rows, columns));
    }

    private static Shape product(Shape shape) {
        return shape.product(0, shape.rank());
    }

    @SafeVarargs
    private static List<Integer> join(List<Integer>... parts) {
        List<Integer> all = new ArrayList<>();
        for (List<Integer> part : parts) {
            all.addAll(part);
        }
        return all;
    }
}
