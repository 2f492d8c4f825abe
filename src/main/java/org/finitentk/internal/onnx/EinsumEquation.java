package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;

/**
 * The equation of an Einsum node: a label for every axis. What an ellipsis stands for has negative labels, counted from
 * its right end, so that axes which broadcast against each other have the same.
 *
 * @param operands the labels of each operand's axes
 * @param output the labels of the output's axes
 */
public record EinsumEquation(List<List<Integer>> operands, List<Integer> output) {
    private static final String ELLIPSIS = "...";

    /**
     * Copies the lists.
     *
     * @param operands the labels of each operand's axes
     * @param output the labels of the output's axes
     */
    public EinsumEquation {
        operands = operands.stream().map(List::copyOf).toList();
        output = List.copyOf(output);
    }

    /**
     * Reads a node's equation.
     *
     * @param node an Einsum node
     * @param ranks the ranks of its inputs
     * @return the equation
     * @throws InvalidModelException if it does not fit the inputs, or repeats a label within one operand
     */
    public static EinsumEquation of(Node node, List<Integer> ranks) {
        String text = node.string("equation", "").replace(" ", "");
        int arrow = text.indexOf("->");
        String[] terms = (arrow < 0 ? text : text.substring(0, arrow)).split(",", -1);
        if (terms.length != ranks.size()) {
            throw new InvalidModelException(node.describe() + " has " + ranks.size() + " inputs and the equation '"
                    + text + "' of " + terms.length + "; expected equal numbers");
        }
        List<List<Integer>> operands = new ArrayList<>();
        int widest = 0;
        for (int i = 0; i < terms.length; i++) {
            int wide = ranks.get(i) - terms[i].replace(ELLIPSIS, "").length();
            List<Integer> labels = labels(node, terms[i], wide);
            if (labels.size() != ranks.get(i) || labels.stream().distinct().count() != labels.size()) {
                throw new InvalidModelException(
                        node.describe() + " has '" + terms[i] + "' in its equation for an input of rank " + ranks.get(i)
                                + "; expected one label an axis, none of them twice");
            }
            operands.add(labels);
            widest = terms[i].contains(ELLIPSIS) ? Math.max(widest, wide) : widest;
        }
        return new EinsumEquation(
                operands, arrow < 0 ? implicit(operands, widest) : labels(node, text.substring(arrow + 2), widest));
    }

    private static List<Integer> labels(Node node, String term, int ellipsis) {
        List<Integer> labels = new ArrayList<>();
        for (int at = 0; at < term.length(); at++) {
            if (term.startsWith(ELLIPSIS, at)) {
                for (int i = ellipsis; i > 0; i--) {
                    labels.add(-i);
                }
                at += ELLIPSIS.length() - 1;
            } else if (Character.isLetter(term.charAt(at))) {
                labels.add((int) term.charAt(at));
            } else {
                throw new InvalidModelException(node.describe() + " has '" + term.charAt(at)
                        + "' in its equation; expected letters, commas, an arrow and ellipses");
            }
        }
        return labels;
    }

    /** The ellipsis, then the labels that occur once, in the alphabet's order. */
    private static List<Integer> implicit(List<List<Integer>> operands, int ellipsis) {
        TreeMap<Integer, Integer> counts = new TreeMap<>();
        operands.forEach(labels -> labels.forEach(l -> counts.merge(l, 1, Integer::sum)));
        List<Integer> output = new ArrayList<>();
        for (int i = ellipsis; i > 0; i--) {
            output.add(-i);
        }
        counts.forEach((label, count) -> {
            if (label > 0 && count == 1) {
                output.add(label);
            }
        });
        return output;
    }
}
