package org.finitentk.autodiff;

import java.util.HashMap;
import java.util.Map;
import org.finitentk.onnx.Shape;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.Value;
import org.jspecify.annotations.Nullable;

/** Cotangents of linear values, summed over their uses (and so, at the parameters, over the examples). */
class Cotangents {
    private final Algebra algebra;
    private final Map<String, Value> sums = new HashMap<>();

    Cotangents(Algebra algebra) {
        this.algebra = algebra;
    }

    final Algebra algebra() {
        return algebra;
    }

    /** The cotangent gathered so far, or null for a symbolic zero. */
    final @Nullable Value find(String name) {
        return sums.get(name);
    }

    final void add(String name, Value term) {
        Value sofar = sums.get(name);
        sums.put(name, sofar == null ? term : algebra.add(sofar, term));
    }

    /** A term of exactly the value's shape. */
    void exact(Value of, Value term) {
        add(of.name(), term);
    }

    /** A term of a shape to which the value was broadcast. */
    void broadcast(Value of, Value term) {
        add(of.name(), algebra.sumTo(term, of.shape()));
    }

    /** A term [n, …] for each example, of n times the value's size. */
    void examples(Value of, Value term) {
        add(of.name(), algebra.reshape(algebra.sum(term, false, 0), of.shape()));
    }

    /** A sum of outer products for a weight matrix (of any shape of the same size). */
    void outer(Value of, OuterProduct p) {
        ConvShifts shifts = p.shifts();
        if (shifts != null) {
            add(of.name(), algebra.reshape(shifts.summed(), of.shape()));
            return;
        }
        if (p.positionsLast()) {
            positionsLast(of, p);
            return;
        }
        Value input = rows(p.input());
        Value delta = rows(p.delta());
        Value matrix = p.deltaFirst() ? algebra.gemm(delta, true, input, false) : algebra.gemm(input, true, delta, false);
        add(of.name(), algebra.reshape(matrix, of.shape()));
    }

    /**
     * Per example products are summed afterwards where the weight is small; where it is larger than what it is made from, one
     * product over all examples needs less memory.
     */
    private void positionsLast(Value of, OuterProduct p) {
        Shape a = p.input().shape();
        Shape d = p.delta().shape();
        long weight = Tensor.count(of.shape().at(0));
        long positions = a.at(0)[a.rank() - 1];
        long made = positions * (a.at(0)[a.rank() - 2] + d.at(0)[d.rank() - 2]);
        if (weight <= made) {
            Value each = p.deltaFirst() ? algebra.matmul(p.delta(), algebra.swap(p.input())) : algebra.matmul(p.input(), algebra.swap(p.delta()));
            long[] axes = java.util.stream.LongStream.range(0, each.rank() - 2).toArray();
            add(of.name(), algebra.reshape(algebra.sum(each, false, axes), of.shape()));
        } else {
            outer(of, new OuterProduct(algebra.swap(p.input()), algebra.swap(p.delta()), false, p.deltaFirst()));
        }
    }

    private Value rows(Value v) {
        return algebra.reshape(v, v.shape().product(0, v.rank() - 1).concat(v.shape().slice(v.rank() - 1, v.rank())));
    }
}
