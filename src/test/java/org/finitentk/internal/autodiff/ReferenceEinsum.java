package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.ReferenceInterpreter.Operator;

/** Reference semantics of Einsum, number by number. */
final class ReferenceEinsum {
    private ReferenceEinsum() {}

    static void register(Map<String, Operator> t) {
        t.put("Einsum", (n, in) -> List.of(einsum(n.string("equation", "").replace(" ", ""), in)));
    }

    /**
     * Sums over all values of all labels; what an ellipsis stands for has capital letters from the alphabet's end,
     * which no row uses.
     */
    private static NdArray einsum(String equation, NdArray[] in) {
        String[] sides = equation.split("->", -1);
        String[] terms = sides[0].split(",", -1);
        String widest = "";
        Map<Character, Integer> sizes = new LinkedHashMap<>();
        for (int i = 0; i < terms.length; i++) {
            String dots = "WXYZ".substring(4 - (terms[i].contains("...") ? in[i].rank() - terms[i].length() + 3 : 0));
            widest = dots.length() > widest.length() ? dots : widest;
            terms[i] = terms[i].replace("...", dots);
            for (int d = 0; d < in[i].rank(); d++) {
                sizes.merge(terms[i].charAt(d), in[i].shape()[d], Math::max);
            }
        }
        String output = sides.length > 1 ? sides[1].replace("...", widest) : widest + once(terms);
        int[] shape = output.chars().map(c -> sizes.get((char) c)).toArray();
        NdArray out = NdArray.zeros(in[0].type(), shape);
        List<Character> labels = new ArrayList<>(sizes.keySet());
        int[] all = sizes.values().stream().mapToInt(Integer::intValue).toArray();
        for (int i = 0; i < NdArray.count(all); i++) {
            int[] at = NdArray.index(i, all);
            double product = 1;
            for (int k = 0; k < terms.length; k++) {
                product *= in[k].broadcast(
                        terms[k].chars().map(c -> at[labels.indexOf((char) c)]).toArray());
            }
            out.data()[
                    out.flat(output.chars()
                            .map(c -> at[labels.indexOf((char) c)])
                            .toArray())] += product;
        }
        return out;
    }

    private static String once(String[] terms) {
        String all = String.join("", terms);
        StringBuilder sorted = new StringBuilder();
        all.chars()
                .filter(c -> all.indexOf(c) == all.lastIndexOf(c) && "WXYZ".indexOf(c) < 0)
                .sorted()
                .forEach(c -> sorted.append((char) c));
        return sorted.toString();
    }
}
