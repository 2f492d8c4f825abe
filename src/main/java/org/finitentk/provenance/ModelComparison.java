package org.finitentk.provenance;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.finitentk.provenance.ReproductionResult.Difference;
import org.finitentk.provenance.ReproductionResult.Difference.Kind;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.regression.Regressor;

/**
 * Compares what two models are: their features, their predictions on the training data bit for bit, and their stored
 * forms.
 */
final class ModelComparison<T extends Output<T>> {
    private final Model<T> original;
    private final Model<T> reproduced;
    private final List<Difference> differences = new ArrayList<>();

    private ModelComparison(Model<T> original, Model<T> reproduced) {
        this.original = original;
        this.reproduced = reproduced;
    }

    static <T extends Output<T>> List<Difference> compare(Model<T> original, Model<T> reproduced, Dataset<T> examples) {
        ModelComparison<T> comparison = new ModelComparison<>(original, reproduced);
        comparison.compareFeatures();
        if (comparison.differences.isEmpty()) {
            comparison.comparePredictions(examples);
            comparison.compareStored();
        }
        return comparison.differences;
    }

    private void compareFeatures() {
        Set<String> before = new TreeSet<>(original.getFeatureIDMap().keySet());
        Set<String> after = new TreeSet<>(reproduced.getFeatureIDMap().keySet());
        if (!before.equals(after)) {
            differences.add(new Difference(Kind.CONTENT, "features", describe(before, after), describe(after, before)));
        }
    }

    private static String describe(Set<String> names, Set<String> others) {
        Set<String> only = new TreeSet<>(names);
        only.removeAll(others);
        return names.size() + " features, " + only.size() + " of them only here"
                + only.stream()
                        .findFirst()
                        .map(name -> " ('" + name + "' first)")
                        .orElse("");
    }

    private void comparePredictions(Dataset<T> examples) {
        List<Prediction<T>> before = original.predict(examples);
        List<Prediction<T>> after = reproduced.predict(examples);
        int count = 0;
        int first = -1;
        for (int i = 0; i < before.size(); i++) {
            if (!stored(before.get(i)).equals(stored(after.get(i)))) {
                count++;
                first = first < 0 ? i : first;
            }
        }
        if (count > 0) {
            differences.add(new Difference(
                    Kind.CONTENT,
                    "predictions on " + count + " of " + before.size() + " training examples" + distance(before, after)
                            + ", first on example " + first,
                    before.get(first).toString(),
                    after.get(first).toString()));
        }
    }

    /** How far apart, so that another order of sums is told from another model. */
    private static <T extends Output<T>> String distance(List<Prediction<T>> before, List<Prediction<T>> after) {
        double largest = 0;
        double distance = 0;
        for (int i = 0; i < before.size(); i++) {
            double[] a = numbers(before.get(i));
            double[] b = numbers(after.get(i));
            if (a.length != b.length) {
                return "";
            }
            for (int j = 0; j < a.length; j++) {
                largest = Math.max(largest, Math.abs(a[j]));
                distance = Math.max(distance, Math.abs(a[j] - b[j]));
            }
        }
        return largest == 0
                ? ""
                : String.format(Locale.ROOT, " by at most %.2g of the largest value", distance / largest);
    }

    /** Values and variances of a regression, scores of labels; nothing for outputs of other kinds. */
    private static double[] numbers(Prediction<?> prediction) {
        if (prediction.getOutput() instanceof Regressor regressor) {
            return DoubleStream.concat(Arrays.stream(regressor.getValues()), Arrays.stream(regressor.getVariances()))
                    .filter(Double::isFinite)
                    .toArray();
        }
        return new TreeMap<>(prediction.getOutputScores())
                .values().stream()
                        .flatMap(score ->
                                score instanceof MultiLabel several ? several.getLabelSet().stream() : Stream.of(score))
                        .filter(Label.class::isInstance)
                        .mapToDouble(label -> ((Label) label).getScore())
                        .toArray();
    }

    /** Everything a prediction says, so that equal means the same bits. */
    private Map<String, ByteString> stored(Prediction<T> prediction) {
        Map<String, ByteString> stored = new LinkedHashMap<>();
        stored.put("", prediction.getOutput().serialize().toByteString());
        prediction
                .getOutputScores()
                .forEach((name, score) ->
                        stored.put("score of " + name, score.serialize().toByteString()));
        return stored;
    }

    private void compareStored() {
        reproduced.setName(original.getName());
        try {
            differences.addAll(StoredContent.compare(original, reproduced));
        } catch (UnsupportedOperationException e) {
            // A model that Tribuo cannot store has been compared by its predictions.
            return;
        }
    }
}
