package org.finitentk.internal.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.onnx.ShapeRule.Outcome;
import org.finitentk.internal.onnx.ShapeRule.Sample;
import org.finitentk.onnx.InvalidModelException;

/** Einsum of any number of operands. */
final class EinsumShapes {
    private EinsumShapes() {}

    static void register(ShapeTable t) {
        t.put("Einsum", 1, ShapeTable.ANY, EinsumShapes::einsum);
    }

    private static Outcome einsum(Sample s) {
        List<Integer> ranks =
                s.inputs().stream().map(v -> v == null ? 0 : v.rank()).toList();
        EinsumEquation equation = EinsumEquation.of(s.node(), ranks);
        Map<Integer, Long> sizes = new HashMap<>();
        for (int i = 0; i < ranks.size(); i++) {
            for (int axis = 0; axis < ranks.get(i); axis++) {
                int label = equation.operands().get(i).get(axis);
                long size = s.shape(i)[axis];
                long before = sizes.getOrDefault(label, 1L);
                if (size != before && size != 1 && before != 1) {
                    throw new InvalidModelException(
                            "axes of different sizes have the same label; expected equal sizes, or 1");
                }
                sizes.put(label, before == 1 ? size : before);
            }
        }
        long[] out = new long[equation.output().size()];
        for (int i = 0; i < out.length; i++) {
            Long size = sizes.get(equation.output().get(i));
            if (size == null) {
                throw new InvalidModelException(
                        "a label of the output is in no input; expected one of the labels of the inputs");
            }
            out[i] = size;
        }
        return Outcome.of(s.type(0), out);
    }
}
