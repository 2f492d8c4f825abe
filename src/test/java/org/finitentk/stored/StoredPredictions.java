package org.finitentk.stored;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.impl.ArrayExample;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.regression.Regressor;

/**
 * Predictions as a table: a column {@code in NAME} a feature, {@code mean NAME} and {@code variance NAME} a dimension
 * or {@code score NAME} a label, a row an example; numbers as Java prints them, so that their bits are recorded.
 */
public record StoredPredictions(List<String> columns, List<double[]> rows) {
    private static final String INPUT = "in ";

    /** What a model says about examples, in one call. */
    static <T extends Output<T>> StoredPredictions of(Model<T> model, List<Example<T>> examples) {
        List<Map<String, Double>> maps = new ArrayList<>();
        List<Prediction<T>> predictions = model.predict(examples);
        for (int i = 0; i < examples.size(); i++) {
            Map<String, Double> row = new LinkedHashMap<>();
            for (Feature feature : examples.get(i)) {
                row.put(INPUT + feature.getName(), feature.getValue());
            }
            row.putAll(numbers(predictions.get(i)));
            maps.add(row);
        }
        List<String> columns = List.copyOf(maps.get(0).keySet());
        return new StoredPredictions(
                columns,
                maps.stream()
                        .map(map -> columns.stream().mapToDouble(map::get).toArray())
                        .toList());
    }

    private static Map<String, Double> numbers(Prediction<?> prediction) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        if (prediction.getOutput() instanceof Regressor regressor) {
            for (Regressor.DimensionTuple dimension : regressor) {
                numbers.put("mean " + dimension.getName(), dimension.getValue());
                numbers.put("variance " + dimension.getName(), dimension.getVariance());
            }
        } else {
            new TreeMap<>(prediction.getOutputScores())
                    .forEach((name, output) -> numbers.put("score " + name, score(name, output)));
        }
        return numbers;
    }

    private static double score(String name, Output<?> output) {
        return output instanceof MultiLabel labels
                ? labels.getLabelScore(new Label(name)).orElseThrow()
                : ((Label) output).getScore();
    }

    /** The same examples, for a model to predict again. */
    public <T extends Output<T>> List<Example<T>> examples(T unknown) {
        List<Example<T>> examples = new ArrayList<>();
        int features = (int)
                columns.stream().filter(column -> column.startsWith(INPUT)).count();
        String[] names = columns.stream()
                .limit(features)
                .map(column -> column.substring(INPUT.length()))
                .toArray(String[]::new);
        rows.forEach(row -> examples.add(new ArrayExample<>(unknown, names, Arrays.copyOf(row, features))));
        return examples;
    }

    public static StoredPredictions read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        return new StoredPredictions(
                List.of(lines.get(0).split(",", -1)),
                lines.stream()
                        .skip(1)
                        .map(line -> Arrays.stream(line.split(",", -1))
                                .mapToDouble(Double::parseDouble)
                                .toArray())
                        .toList());
    }

    void write(Path file) throws IOException {
        StringBuilder text = new StringBuilder(String.join(",", columns)).append('\n');
        for (double[] row : rows) {
            text.append(String.join(
                            ",", Arrays.stream(row).mapToObj(Double::toString).toList()))
                    .append('\n');
        }
        Files.writeString(file, text);
    }
}
