package org.finitentk.internal.backbone;

/** Labels against the greatest output of each row. */
final class LabelEvidence implements OutputEvidence {
    private final int[] labels;
    private final int[] predicted;
    private final int names;
    private final int outputs;
    /** Scratch of {@link #bound}, all zeros between calls. */
    private final int[] counts;

    private LabelEvidence(int[] labels, int[] predicted, int names, int outputs) {
        this.labels = labels;
        this.predicted = predicted;
        this.names = names;
        this.outputs = outputs;
        this.counts = new int[Math.multiplyExact(names, outputs)];
    }

    /**
     * Takes the greatest output of each row.
     *
     * @param labels the name of each of n rows, 0 to names − 1
     * @param names the number of names
     * @param f n × k
     * @param outputs k
     */
    static LabelEvidence of(int[] labels, int names, double[] f, int outputs) {
        int[] predicted = new int[labels.length];
        for (int i = 0; i < predicted.length; i++) {
            for (int c = 1; c < outputs; c++) {
                predicted[i] = f[i * outputs + c] > f[i * outputs + predicted[i]] ? c : predicted[i];
            }
        }
        return new LabelEvidence(labels, predicted, names, outputs);
    }

    @Override
    public int rows() {
        return labels.length;
    }

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public double[][] agreement() {
        double[][] matrix = new double[names][outputs];
        for (int i = 0; i < labels.length; i++) {
            matrix[labels[i]][predicted[i]]++;
        }
        return matrix;
    }

    @Override
    public double[][] agreement(int[] order) {
        double[][] matrix = new double[names][outputs];
        for (int i = 0; i < labels.length; i++) {
            matrix[labels[i]][predicted[order[i]]]++;
        }
        return matrix;
    }

    @Override
    public double agreement(int[] assignment, int[] order) {
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += assignment[labels[i]] == predicted[order[i]] ? 1 : 0;
        }
        return right;
    }

    /** Each name's greatest count, whether or not these are of different outputs. */
    @Override
    public double bound(int[] order) {
        int[] greatest = new int[names];
        for (int i = 0; i < labels.length; i++) {
            int count = ++counts[labels[i] * outputs + predicted[order[i]]];
            greatest[labels[i]] = Math.max(greatest[labels[i]], count);
        }
        for (int i = 0; i < labels.length; i++) {
            counts[labels[i] * outputs + predicted[order[i]]] = 0;
        }
        double sum = 0;
        for (int count : greatest) {
            sum += count;
        }
        return sum;
    }

    @Override
    public double effort() {
        return labels.length;
    }

    @Override
    public double boundEffort() {
        return labels.length;
    }

    /** McNemar's test, exact, of the rows on which one is right and the other is not. */
    @Override
    public double better(int[] candidate, int[] current) {
        int won = 0;
        int lost = 0;
        for (int i = 0; i < labels.length; i++) {
            int to = candidate[labels[i]];
            int from = current[labels[i]];
            if (to != from) {
                won += to == predicted[i] ? 1 : 0;
                lost += from == predicted[i] ? 1 : 0;
            }
        }
        return TailProbability.coin(won, won + lost);
    }

    @Override
    public OutputEvidence select(int[] rows) {
        int[] someLabels = new int[rows.length];
        int[] somePredicted = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            someLabels[i] = labels[rows[i]];
            somePredicted[i] = predicted[rows[i]];
        }
        return new LabelEvidence(someLabels, somePredicted, names, outputs);
    }

    @Override
    public String merit(int[] assignment) {
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += assignment[labels[i]] == predicted[i] ? 1 : 0;
        }
        return "right for " + right + " of " + labels.length + " training rows";
    }
}
