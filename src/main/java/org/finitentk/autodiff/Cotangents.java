package org.finitentk.autodiff;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Shape;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.Value;
import org.jspecify.annotations.Nullable;

/** Cotangents of linear values, summed over their uses (and so, at the parameters, over the examples). */
class Cotangents {
    private final Algebra algebra;
    private final Map<String, Value> sums = new HashMap<>();
    /** Terms that say little, by the value that they are of; what is made of them depends on what else there is. */
    private final Map<String, List<Piece>> pieces = new HashMap<>();
    private final Map<String, Value> narrow = new HashMap<>();

    /** A term that is zero but for elements [from, from + its size) along an axis. */
    private record Piece(Value of, int axis, long from, Value term) {
        long end() {
            return from + term.shape().dim(axis);
        }
    }

    Cotangents(Algebra algebra) {
        this.algebra = algebra;
    }

    final Algebra algebra() {
        return algebra;
    }

    /** The cotangent gathered so far, or null for a symbolic zero. */
    final @Nullable Value find(String name) {
        List<Piece> parts = pieces.remove(name);
        if (parts != null) {
            join(parts).forEach(term -> add(name, term));
        }
        Value repeated = narrow.remove(name);
        if (repeated != null) {
            Value sofar = sums.get(name);
            sums.put(name, sofar == null ? algebra.expand(repeated, algebra.builder().shapes().get(name).shape()) : algebra.add(sofar, repeated));
        }
        return sums.get(name);
    }

    /** Pieces that lie side by side are joined; others are padded with zeros, one by one. */
    private List<Value> join(List<Piece> parts) {
        List<Piece> sorted = parts.stream().sorted(Comparator.comparingLong(Piece::from)).toList();
        Piece first = sorted.get(0);
        long end = 0;
        boolean tiles = true;
        for (Piece piece : sorted) {
            tiles &= piece.axis() == first.axis() && piece.from() == end;
            end = piece.end();
        }
        if (tiles && end == first.of().shape().dim(first.axis())) {
            return List.of(algebra.concat(first.axis(), sorted.stream().map(Piece::term).toList()));
        }
        return parts.stream().map(this::padded).toList();
    }

    private Value padded(Piece piece) {
        long[] pads = new long[2 * piece.of().rank()];
        pads[piece.axis()] = piece.from();
        pads[piece.axis() + piece.of().rank()] = piece.of().shape().dim(piece.axis()) - piece.end();
        return algebra.op("Pad", piece.term(), algebra.builder().vector(pads), algebra.scalar(piece.term(), 0));
    }

    final void add(String name, Value term) {
        Value sofar = sums.get(name);
        sums.put(name, sofar == null ? term : algebra.add(sofar, term));
    }

    /** A term of exactly the value's shape. */
    void exact(Value of, Value term) {
        add(of.name(), term);
    }

    /** A term that is zero outside of [from, from + its size) along an axis of static size. */
    void piece(Value of, int axis, long from, Value term) {
        pieces.computeIfAbsent(of.name(), name -> new ArrayList<>()).add(new Piece(of, axis, from, term));
    }

    /** A term that is the same along some of the value's axes, where it has size 1. */
    void repeated(Value of, Value term) {
        narrow.merge(of.name(), term, algebra::add);
    }

    /** A term of a shape to which the value was broadcast. */
    void broadcast(Value of, Value term) {
        add(of.name(), algebra.sumTo(term, of.shape()));
    }

    /** A term [n, …] for each example, of n times the value's size. */
    void examples(Value of, Value term) {
        add(of.name(), algebra.reshape(algebra.sum(term, false, 0), of.shape()));
    }

    /**
     * Cotangents of rows that were looked up along the first axis.
     *
     * @param of the table
     * @param index which rows, whole numbers of any shape
     * @param term [index…, row…]
     */
    void rows(Value of, Value index, Value term) {
        Shape places = index.shape().product(0, index.rank());
        Value flatRows = algebra.reshape(term, places.concat(of.shape().slice(1, of.rank())));
        Value indices = algebra.cast(algebra.reshape(index, places.append(1)), ElementType.INT64);
        Value zeros = algebra.zeros(of.type(), of.shape());
        exact(of, algebra.op("ScatterND", new Attributes().string("reduction", "add"), zeros, indices, flatRows));
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
