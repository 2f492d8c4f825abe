package org.finitentk.internal.tribuo;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.tribuo.Example;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;

/**
 * Predictions of the labels that the training data has. A network may have outputs for further labels, which Tribuo's
 * evaluators do not know.
 */
public final class LabelPredictions {
    private final int[] outputs;
    private final List<String> names;

    /**
     * Settles which outputs count.
     *
     * @param domain the labels of the training data
     * @param all labels of all outputs, in their order
     */
    public LabelPredictions(ImmutableOutputInfo<Label> domain, List<String> all) {
        Set<String> known = new HashSet<>(OutputNames.of(domain));
        outputs = IntStream.range(0, all.size())
                .filter(c -> known.contains(all.get(c)))
                .toArray();
        names = IntStream.of(outputs).mapToObj(all::get).toList();
    }

    /**
     * The outputs whose labels the training data has.
     *
     * @return C numbers, ascending
     */
    public int[] outputs() {
        return outputs.clone();
    }

    /**
     * Wraps probabilities.
     *
     * @param probabilities n × C
     * @param used for each example, how many of its features the network sees
     * @param examples n
     * @return for each example the most probable label, the first of several, and the probabilities of all
     */
    public List<Prediction<Label>> of(double[] probabilities, int[] used, List<Example<Label>> examples) {
        List<Prediction<Label>> predictions = new ArrayList<>(used.length);
        for (int i = 0; i < used.length; i++) {
            Map<String, Label> scores = new LinkedHashMap<>();
            Label best = new Label(names.get(0), Double.NEGATIVE_INFINITY);
            for (int c = 0; c < outputs.length; c++) {
                Label label = new Label(names.get(c), probabilities[i * outputs.length + c]);
                scores.put(label.getLabel(), label);
                best = label.getScore() > best.getScore() ? label : best;
            }
            predictions.add(new Prediction<>(best, scores, used[i], examples.get(i), true));
        }
        return predictions;
    }
}
