package org.finitentk.internal.tabular;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Output;
import org.tribuo.classification.Label;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.regression.Regressor;

/**
 * Rows of a table with what a network makes of them before anything is fitted, also with columns in another order.
 *
 * @param network open
 * @param inputs n examples
 * @param targets n × d: numbers in standard deviations, or labels as 1 among 0s, in standard deviations too
 * @param d targets of a row
 * @param kind what targets are
 * @param areLogits whether outputs are taken for logits of the labels
 */
record AloneRows(LinearizedNetwork network, Examples inputs, double[] targets, int d, Kind kind, boolean areLogits) {
    /** What targets are. */
    enum Kind {
        NUMBERS,
        LABELS,
        /** Labels of which a row may have several. */
        SEVERAL_LABELS;

        static Kind of(Output<?> output) {
            return output instanceof Label ? LABELS : output instanceof MultiLabel ? SEVERAL_LABELS : NUMBERS;
        }
    }

    private static final int MOST = 2000;
    private static final long SEED = 1;
    /** Rows for each column of a linear function, so that it is no worse than a constant on others. */
    private static final int ROWS_EACH_COLUMN = 5;
    /** The part of what outputs explain as they are that they must explain as logits. */
    private static final double LEAST_OF_NUMBERS = 0.5;

    /** The rows that are looked at: in an order that is drawn with one seed, so that halves of them are alike. */
    static List<Example<?>> drawn(Dataset<?> data) {
        SplittableRandom random = new SplittableRandom(SEED);
        int[] order = IntStream.range(0, data.size()).toArray();
        List<Example<?>> some = new ArrayList<>();
        for (int i = 0; i < Math.min(MOST, order.length); i++) {
            int j = random.nextInt(i, order.length);
            some.add(data.getExample(order[j]));
            order[j] = order[i];
        }
        return some;
    }

    /**
     * Of examples with numbers or labels.
     *
     * @param some examples
     * @param names all labels, or the dimensions
     */
    static AloneRows of(List<Example<?>> some, List<String> names, LinearizedNetwork network, Examples inputs) {
        double[] targets = new double[some.size() * names.size()];
        for (int i = 0; i < some.size(); i++) {
            fill(some.get(i), names, targets, i * names.size());
        }
        standardize(targets, names.size());
        Kind kind = Kind.of(some.get(0).getOutput());
        AloneRows rows = new AloneRows(network, inputs, targets, names.size(), kind, false);
        return kind == Kind.NUMBERS ? rows : rows.settled();
    }

    private static void fill(Example<?> example, List<String> names, double[] to, int at) {
        if (example.getOutput() instanceof Label label) {
            to[at + names.indexOf(label.getLabel())] = 1;
        } else if (example.getOutput() instanceof MultiLabel labels) {
            for (int c = 0; c < names.size(); c++) {
                to[at + c] = labels.contains(names.get(c)) ? 1 : 0;
            }
        } else if (example.getOutput() instanceof Regressor regressor) {
            List<String> own = Arrays.asList(regressor.getNames());
            for (int c = 0; c < names.size(); c++) {
                to[at + c] = regressor.getValues()[OutputNames.indexOf(names.get(c), own)];
            }
        }
    }

    /** So that each target counts alike; one that is constant becomes zeros. */
    private static void standardize(double[] values, int columns) {
        int n = values.length / columns;
        for (int c = 0; c < columns; c++) {
            double mean = 0;
            double square = 0;
            for (int i = 0; i < n; i++) {
                double step = values[i * columns + c] - mean;
                mean += step / (i + 1);
                square += step * (values[i * columns + c] - mean);
            }
            double deviation = Math.sqrt(square / n);
            for (int i = 0; i < n; i++) {
                double from = values[i * columns + c] - mean;
                values[i * columns + c] = deviation > 1e-12 * Math.abs(mean) ? from / deviation : 0;
            }
        }
    }

    int size() {
        return targets.length / d;
    }

    int outputSize() {
        return network.outputSize();
    }

    /** Whether the only output is meant as the only target, so that the one rises with the other. */
    boolean isRising() {
        return outputSize() == 1 && d == 1 && kind == Kind.NUMBERS;
    }

    AloneRows slice(int from, int to) {
        return new AloneRows(
                network, inputs.slice(from, to), Arrays.copyOfRange(targets, from * d, to * d), d, kind, areLogits);
    }

    /** n × k, finite; logits of labels as probabilities, whose range is that of the targets. */
    double[] outputs() {
        return outputs(inputs);
    }

    /** How many numbers are an example's only input, or 0 if its inputs are not so. */
    int columns() {
        if (inputs.inputs().size() != 1) {
            return 0;
        }
        Tensor only = tensor();
        boolean real = only.type() == ElementType.FLOAT || only.type() == ElementType.DOUBLE;
        return real ? (int) (only.size() / size()) : 0;
    }

    /** The numbers of the only input, n × columns. */
    double[] numbers() {
        return tensor().toDoubles();
    }

    private Tensor tensor() {
        return inputs.inputs().values().iterator().next();
    }

    /**
     * As {@link #outputs()}, with columns in another order.
     *
     * @param order the column for each of the input's numbers
     */
    double[] outputs(int[] order) {
        double[] x = tensor().toDoubles();
        double[] ordered = new double[x.length];
        for (int at = 0; at < x.length; at += order.length) {
            for (int i = 0; i < order.length; i++) {
                ordered[at + i] = x[at + order[i]];
            }
        }
        Tensor tensor = Tensor.ofReals(tensor().type(), ordered, tensor().shape());
        return outputs(Examples.of(inputs.inputs().keySet().iterator().next(), tensor));
    }

    private double[] outputs(Examples x) {
        double[] f = network.forward(x);
        for (int i = 0; i < f.length; i++) {
            f[i] = Double.isFinite(f[i]) ? f[i] : 0;
        }
        int together = kind == Kind.SEVERAL_LABELS ? 1 : outputSize();
        if (areLogits && !areProbabilities(f)) {
            for (int at = 0; at < f.length; at += together) {
                normalize(f, at, together);
            }
        }
        return f;
    }

    /**
     * Whether outputs are as many as labels have logits, and probabilities of them say something: a price of 300, which
     * tells dear from cheap, is no log odds.
     */
    private AloneRows settled() {
        if (outputSize() == d || kind == Kind.LABELS && outputSize() == 1 && d == 2) {
            AloneRows logits = new AloneRows(network, inputs, targets, d, kind, true);
            double least = LEAST_OF_NUMBERS * explained(outputs());
            return logits.explained(logits.outputs()) >= least ? logits : this;
        }
        return this;
    }

    private static boolean areProbabilities(double[] f) {
        return Arrays.stream(f).allMatch(value -> value >= 0 && value <= 1);
    }

    private static void normalize(double[] f, int at, int k) {
        if (k == 1) {
            f[at] = 1 / (1 + Math.exp(-f[at]));
            return;
        }
        double greatest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < k; c++) {
            greatest = Math.max(greatest, f[at + c]);
        }
        double sum = 0;
        for (int c = 0; c < k; c++) {
            f[at + c] = Math.exp(f[at + c] - greatest);
            sum += f[at + c];
        }
        for (int c = 0; c < k; c++) {
            f[at + c] /= sum;
        }
    }

    /**
     * The part of the targets' variance that a linear function of the columns explains, fitted to these rows.
     *
     * @param others rows of which the variance is
     * @return 0 where it explains nothing, or the inputs are no columns
     */
    double linear(AloneRows others) {
        int m = columns();
        if (m == 0 || size() < ROWS_EACH_COLUMN * m) {
            return 0;
        }
        LinearMap map = LinearMap.fit(tensor().toDoubles(), m, targets, d, false);
        return Math.max(0, map.explained(others.tensor().toDoubles(), others.targets));
    }

    /** The part of the targets' variance that outputs explain, with columns in another order. */
    double explained(int[] order) {
        return explained(outputs(order));
    }

    /** The part of the targets' variance that outputs explain. */
    double explained(double[] f) {
        return map(f).explained(f, targets);
    }

    /** The map of the outputs that comes nearest to the targets. */
    LinearMap map(double[] f) {
        return LinearMap.fit(f, outputSize(), targets, d, isRising());
    }
}
