package org.finitentk.internal.backbone;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.internal.tribuo.MultiLabels;
import org.finitentk.internal.tribuo.RegressionTargets;
import org.finitentk.internal.tribuo.TaskKind;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.jspecify.annotations.Nullable;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.classification.Label;

/**
 * The training rows whose predictions are looked at: each example that counts at all once, however often a bootstrap
 * drew it, and not more than enough. Weights above 0 make no difference: repeats of a row would be no further evidence,
 * and rows that are exchanged for each other must count alike for the tests' probabilities to be true.
 *
 * @param positions in the dataset, ascending
 */
record EvidenceRows(int[] positions) {
    private static final int MOST = 4096;
    private static final long SEED = 1;

    static EvidenceRows of(Dataset<?> data) {
        Set<Example<?>> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        int[] different = IntStream.range(0, data.size())
                .filter(i -> data.getExample(i).getWeight() != 0 && seen.add(data.getExample(i)))
                .toArray();
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; different.length > MOST && i < MOST; i++) {
            int j = random.nextInt(i, different.length);
            int own = different[i];
            different[i] = different[j];
            different[j] = own;
        }
        int[] some = Arrays.copyOf(different, Math.min(MOST, different.length));
        Arrays.sort(some);
        return new EvidenceRows(some);
    }

    OutputEvidence evidence(
            TaskKind kind, List<String> names, Dataset<?> data, Examples inputs, LinearizedNetwork network) {
        double[] outputs = outputs(inputs, network);
        return switch (kind) {
            case LABELS -> LabelEvidence.of(labels(names, data), names.size(), outputs, network.outputSize());
            case MULTI_LABELS ->
                DimensionEvidence.of(
                        selected(MultiLabels.memberships(data, names), names.size()),
                        names.size(),
                        shares(outputs),
                        network.outputSize());
            case DIMENSIONS -> DimensionEvidence.of(targets(names, data), names.size(), outputs, network.outputSize());
        };
    }

    /**
     * What one output says of two labels.
     *
     * @return null if the rows have one of them only
     */
    @Nullable
    SignEvidence sign(List<String> labels, Dataset<?> data, Examples inputs, LinearizedNetwork network) {
        return SignEvidence.of(labels(labels, data), outputs(inputs, network));
    }

    /** What each output says of its label, of which examples may have several. */
    LabelSigns signs(List<String> labels, Dataset<?> data, Examples inputs, LinearizedNetwork network) {
        return new LabelSigns(
                labels,
                selected(MultiLabels.memberships(data, labels), labels.size()),
                outputs(inputs, network),
                network.outputSize());
    }

    private int[] labels(List<String> names, Dataset<?> data) {
        Map<String, Integer> ids = new HashMap<>();
        names.forEach(name -> ids.put(name, ids.size()));
        return Arrays.stream(positions)
                .map(at -> ids.getOrDefault(((Label) data.getExample(at).getOutput()).getLabel(), 0))
                .toArray();
    }

    private double[] targets(List<String> names, Dataset<?> data) {
        return selected(RegressionTargets.of(data, names), names.size());
    }

    private double[] selected(double[] all, int width) {
        double[] some = new double[positions.length * width];
        for (int i = 0; i < positions.length; i++) {
            System.arraycopy(all, positions[i] * width, some, i * width, width);
        }
        return some;
    }

    /** Log odds as probabilities: the error of a label that is certain does not grow with its logit. */
    private static double[] shares(double[] logits) {
        return Arrays.stream(logits).map(logit -> 1 / (1 + Math.exp(-logit))).toArray();
    }

    private double[] outputs(Examples inputs, LinearizedNetwork network) {
        double[] outputs = network.forward(inputs.select(positions));
        if (Arrays.stream(outputs).allMatch(Double::isFinite)) {
            return outputs;
        }
        // The sentence names the example by its place among all.
        network.requireFinite(network.forward(inputs), inputs);
        throw new IllegalStateException("an output that was not finite is so in another batch");
    }
}
