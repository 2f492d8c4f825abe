package org.finitentk.internal.tribuo;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.multilabel.MultiLabel;

/** Labels of which an example has several or none, as numbers and back. */
public final class MultiLabels {
    /** The probability above which an example is predicted to have a label. */
    private static final double MORE_LIKELY = 0.5;

    private final int[] outputs;
    private final List<String> names;

    /**
     * Settles which outputs count in predictions.
     *
     * @param domain the labels of the training data
     * @param all labels of all outputs, in their order
     */
    public MultiLabels(ImmutableOutputInfo<MultiLabel> domain, List<String> all) {
        Set<String> known = new HashSet<>(OutputNames.of(domain));
        outputs = IntStream.range(0, all.size())
                .filter(c -> known.contains(all.get(c)))
                .toArray();
        names = IntStream.of(outputs).mapToObj(all::get).toList();
    }

    /**
     * Which labels the examples have.
     *
     * @param data n examples of MultiLabel
     * @param names C labels
     * @return n × C, 1 where an example has the label, else 0
     */
    public static double[] memberships(Dataset<?> data, List<String> names) {
        double[] memberships = new double[Math.multiplyExact(data.size(), names.size())];
        for (int i = 0; i < data.size(); i++) {
            Set<String> own = ((MultiLabel) data.getExample(i).getOutput()).getNameSet();
            for (int c = 0; c < names.size(); c++) {
                memberships[i * names.size() + c] = own.contains(names.get(c)) ? 1 : 0;
            }
        }
        return memberships;
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
     * @return for each example the labels that it rather has than not, and the probabilities of all
     */
    public List<Prediction<MultiLabel>> of(double[] probabilities, int[] used, List<Example<MultiLabel>> examples) {
        List<Prediction<MultiLabel>> predictions = new ArrayList<>(used.length);
        for (int i = 0; i < used.length; i++) {
            Set<Label> chosen = new HashSet<>();
            Map<String, MultiLabel> scores = new LinkedHashMap<>();
            for (int c = 0; c < outputs.length; c++) {
                Label label = new Label(names.get(c), probabilities[i * outputs.length + c]);
                scores.put(label.getLabel(), new MultiLabel(label));
                if (label.getScore() > MORE_LIKELY) {
                    chosen.add(label);
                }
            }
            predictions.add(new Prediction<>(new MultiLabel(chosen), scores, used[i], examples.get(i), true));
        }
        return predictions;
    }
}
