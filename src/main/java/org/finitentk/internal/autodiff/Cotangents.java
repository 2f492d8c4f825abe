package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.CotangentTerm.Piece;
import org.finitentk.internal.autodiff.CotangentTerm.Repeated;
import org.finitentk.internal.onnx.Value;
import org.jspecify.annotations.Nullable;

/** Cotangents of linear values, summed over their uses (and so, at the parameters, over the examples). */
class Cotangents {
    private final Algebra algebra;
    private final Map<String, Value> sums = new HashMap<>();
    /** Terms that say little, by the value that they are of; what is made of them depends on what else there is. */
    private final Map<String, List<Piece>> pieces = new HashMap<>();

    private final Map<String, Value> narrow = new HashMap<>();

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
            join(algebra.builder().shapes().get(name), parts).forEach(term -> add(name, term));
        }
        Value repeated = narrow.remove(name);
        if (repeated != null) {
            Value sofar = sums.get(name);
            Value of = algebra.builder().shapes().get(name);
            sums.put(name, sofar == null ? new Repeated(repeated).summed(algebra, of) : algebra.add(sofar, repeated));
        }
        return sums.get(name);
    }

    /** Pieces that lie side by side are joined; others are padded with zeros, one by one. */
    private List<Value> join(Value of, List<Piece> parts) {
        List<Piece> sorted =
                parts.stream().sorted(Comparator.comparingLong(Piece::from)).toList();
        int axis = sorted.get(0).axis();
        long end = 0;
        boolean tiles = true;
        for (Piece piece : sorted) {
            tiles &= piece.axis() == axis && piece.from() == end;
            end = piece.end();
        }
        if (tiles && end == of.shape().dim(axis)) {
            return List.of(
                    algebra.concat(axis, sorted.stream().map(Piece::value).toList()));
        }
        return parts.stream().map(piece -> piece.summed(algebra, of)).toList();
    }

    final void add(String name, Value term) {
        Value sofar = sums.get(name);
        sums.put(name, sofar == null ? term : algebra.add(sofar, term));
    }

    /** Takes in one term of a value's cotangent. */
    void add(Value of, CotangentTerm term) {
        if (term instanceof Piece piece) {
            pieces.computeIfAbsent(of.name(), name -> new ArrayList<>()).add(piece);
        } else if (term instanceof Repeated repeated) {
            narrow.merge(of.name(), repeated.value(), algebra::add);
        } else {
            add(of.name(), term.summed(algebra, of));
        }
    }
}
