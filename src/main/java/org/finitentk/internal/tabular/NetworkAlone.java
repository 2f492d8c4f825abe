package org.finitentk.internal.tabular;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.finitentk.backbone.InputMapping;
import org.finitentk.backbone.NetworkTrainer;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.classification.ClassStructure;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.classification.FiniteNTKMultiLabelTrainer;
import org.finitentk.finetune.LayerFeaturesTrainer;
import org.finitentk.internal.onnx.InputScales;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.tribuo.ModelContent;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.ProgressListener;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.regression.OutputStructure;
import org.jspecify.annotations.Nullable;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Trainer;
import org.tribuo.regression.Regressor;

/**
 * What a network says of a table before anything is fitted. Columns in another order than the network's, or scaled
 * otherwise, make a model that is worse and nothing else, since it adapts to whatever it is given; a network that says
 * nothing of the targets, or more of them with columns in another order, is the one sign of it. It is also what a
 * network is like on a task that has nothing to do with its own, which is no fault: so this warns, and never refuses.
 *
 * @param backbone the network
 * @param listed columns in the order of its inputs, as a person listed them; empty where its file or names tell
 * @param setting what they are listed by, in words
 * @param table all columns of the table, in its order; empty if they are not known
 * @param targets the columns that are learned; empty if they are not known
 */
record NetworkAlone(
        OnnxBackbone backbone, List<String> listed, String setting, List<String> table, List<String> targets) {
    /** The option that lists columns. */
    static final String OPTION = "--features";
    /** The property of a configuration file that does. */
    static final String PROPERTY = "the list 'features' of the trainer's backbone:";

    /** The finding in a model's provenance. */
    static final String KEY = "network-alone";

    private static final Logger LOG = Logger.getLogger(NetworkAlone.class.getName());
    /** The greatest probability at which what a network says is not taken for chance. */
    private static final double SIGNIFICANT = 0.01;

    /** The part of the variance from which on what a linear function explains is a yardstick. */
    private static final double LEAST_LINEAR = 0.1;
    /** The part of it that a network explains which was trained for the columns. */
    private static final double LEAST_OF_LINEAR = 0.8;

    private static final int PERMUTATIONS = 999;
    /** Outputs and targets of a row beyond which a linear map says more of the rows than of the network. */
    private static final int WIDEST = 32;

    private static final int ROWS_EACH = 20;
    private static final long SEED = 3;

    /**
     * Of a trainer, whose backbone may list columns.
     *
     * @param setting what it lists them by
     * @param table all columns, if they are known
     * @param targets the columns that are learned, if they are known
     * @return null if it adapts no network, or one whose outputs have nothing to do with the targets
     */
    static @Nullable NetworkAlone of(Trainer<?> trainer, String setting, List<String> table, List<String> targets) {
        boolean isShared = trainer instanceof LayerFeaturesTrainer
                || trainer instanceof FiniteNTKRegressionTrainer regression
                        && regression.settings().outputs().structure() == OutputStructure.SHARED
                || trainer instanceof FiniteNTKClassificationTrainer labels
                        && labels.settings().outputs().structure() == ClassStructure.SHARED
                || trainer instanceof FiniteNTKMultiLabelTrainer labels
                        && labels.settings().outputs().structure() == ClassStructure.SHARED;
        return !isShared && trainer instanceof NetworkTrainer<?, ?> network
                ? new NetworkAlone(network.backbone(), network.listedFeatures(), setting, table, targets)
                : null;
    }

    /**
     * As {@link #of(Dataset, ProgressListener)}; null where the data do not fit the network, which its trainer tells.
     */
    @Nullable
    String ofFitting(Dataset<?> data, ProgressListener progress) {
        try {
            return of(data, progress);
        } catch (IllegalArgumentException e) {
            LOG.log(Level.FINE, "the network cannot be looked at alone", e);
            return null;
        }
    }

    /**
     * Looks at the table's rows, logs a line of figures or a warning, and says the same for provenance.
     *
     * @return null where rows are too few to say anything
     * @throws IllegalArgumentException if the table's columns do not fit the network
     */
    @Nullable
    String of(Dataset<?> data, ProgressListener progress) {
        List<String> names = OutputNames.sorted(OutputNames.of(data.getOutputInfo()));
        try (LinearizedNetwork network = backbone.open()) {
            InputMapping mapping = backbone.inputMapping(data, network);
            int wide = Math.max(network.outputSize(), names.size());
            if (wide > WIDEST || data.size() < ROWS_EACH * wide) {
                return null;
            }
            List<Example<?>> some = AloneRows.drawn(data);
            AloneRows rows = AloneRows.of(some, names, network, mapping.toExamples(some));
            boolean differ = Arrays.stream(rows.targets()).anyMatch(y -> y != 0);
            NetworkAlone settled = new NetworkAlone(
                    backbone,
                    listed.isEmpty() ? network.names().features() : listed,
                    setting,
                    table,
                    targets.isEmpty() ? names : targets);
            return differ ? settled.of(some, rows, mapping.features(), progress) : null;
        }
    }

    private String of(List<Example<?>> some, AloneRows rows, List<String> columns, ProgressListener progress) {
        double[] f = rows.outputs();
        double explained = rows.explained(f);
        double linear = linear(rows);
        String figures = figures(rows, explained, linear) + (rows.isRising() ? errors(some, f) : "");
        ColumnOrders.Better better = isListed(columns) ? ColumnOrders.of(rows, starts(columns), progress) : null;
        boolean little = linear > LEAST_LINEAR && explained < LEAST_OF_LINEAR * linear
                || chance(rows, f, explained) >= SIGNIFICANT;
        String other = better == null ? "" : "; " + other(better, columns);
        ColumnOrders.Better far = little && isListed(columns) ? ColumnOrders.far(rows, scales(rows), progress) : null;
        if (far != null && (better == null || far.explained() > better.explained())) {
            other = "; " + other(far, columns) + " (columns that tell much the same may be exchanged in it)";
        }
        if (little) {
            LOG.warning("the network as it is says little or nothing of " + Columns.quoted(targets) + " in this table: "
                    + figures + "; if it was trained for "
                    + (areTokens(rows)
                            ? "such texts, they may have been made tokens by another tokenizer then"
                            : "these columns, they may have been in another order then, or scaled outside the "
                                    + "network: name them in that order, scale them alike")
                    + "; or it fits the rows that it was trained on far better than new ones; if this is another task than the network's, all is well"
                    + other);
        } else if (better != null) {
            LOG.warning("the network as it is says less of " + Columns.quoted(targets)
                    + " than with its columns in another order: " + figures + other);
        } else {
            LOG.info("the network as it is: " + figures);
        }
        return figures + other;
    }

    private static boolean areTokens(AloneRows rows) {
        return rows.inputs().inputs().values().stream()
                .noneMatch(input -> input.type().isDifferentiable());
    }

    /** Whether a person can list the columns in another order. */
    private boolean isListed(List<String> columns) {
        return listed.size() > 1 && listed.equals(columns);
    }

    /** Of each half of the rows, by a function that is fitted to the other. */
    private static double linear(AloneRows rows) {
        AloneRows first = rows.slice(0, rows.size() / 2);
        AloneRows second = rows.slice(rows.size() / 2, rows.size());
        return 0.5 * (first.linear(second) + second.linear(first));
    }

    private @Nullable InputScales scales(AloneRows rows) {
        ModelContent file = ModelContent.read(backbone.path());
        return InputScales.of(file.viewed(backbone.view(file.graph().inputs())).graph(), rows.columns());
    }

    /** Orders that are likelier than others: the table's, and the alphabet's. */
    private List<int[]> starts(List<String> columns) {
        List<String> ofTable = new ArrayList<>(columns);
        ofTable.sort(Comparator.comparingInt(table::indexOf));
        List<String> sorted = new ArrayList<>(columns);
        Collections.sort(sorted);
        List<String> ignoringCase = new ArrayList<>(columns);
        ignoringCase.sort(String.CASE_INSENSITIVE_ORDER);
        return Stream.of(columns, ofTable, sorted, ignoringCase)
                .distinct()
                .map(order -> order.stream().mapToInt(columns::indexOf).toArray())
                .toList();
    }

    /** The probability that outputs of rows in any order explain so much. */
    private static double chance(AloneRows rows, double[] f, double explained) {
        SplittableRandom random = new SplittableRandom(SEED);
        int k = rows.outputSize();
        double[] shuffled = f.clone();
        int exceeding = 0;
        for (int p = 0; p < PERMUTATIONS; p++) {
            for (int i = rows.size() - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                for (int c = 0; c < k; c++) {
                    double own = shuffled[i * k + c];
                    shuffled[i * k + c] = shuffled[j * k + c];
                    shuffled[j * k + c] = own;
                }
            }
            exceeding += rows.explained(shuffled) >= explained ? 1 : 0;
        }
        return (exceeding + 1.0) / (PERMUTATIONS + 1.0);
    }

    private String figures(AloneRows rows, double explained, double linear) {
        return String.format(
                Locale.ROOT,
                "%s, in whatever units, %s %.1f %% of the variance of %s%s",
                rows.outputSize() == 1 ? "its output" : "its outputs",
                rows.outputSize() == 1 ? "explains" : "explain",
                100 * Math.max(0, explained),
                Columns.quoted(targets),
                linear == 0
                        ? ""
                        : String.format(Locale.ROOT, ", where a linear function explains %.1f %%", 100 * linear));
    }

    /** Of the output as it is. */
    private static String errors(List<Example<?>> some, double[] f) {
        double mean = 0;
        double square = 0;
        double error = 0;
        for (int i = 0; i < f.length; i++) {
            double y = ((Regressor) some.get(i).getOutput()).getValues()[0];
            double step = y - mean;
            mean += step / (i + 1);
            square += step * (y - mean);
            error += (y - f[i]) * (y - f[i]);
        }
        return String.format(
                Locale.ROOT,
                "; it errs by %.3g, where a constant errs by %.3g (root mean squares of %d rows)",
                Math.sqrt(error / f.length),
                Math.sqrt(square / f.length),
                f.length);
    }

    private String other(ColumnOrders.Better better, List<String> columns) {
        List<String> order =
                Arrays.stream(better.order()).mapToObj(columns::get).toList();
        return String.format(
                Locale.ROOT,
                "of the orders that were tried the best one explains %.1f %% of rows on which it was not chosen, and "
                        + "the given one %.1f %%: %s %s ; if the network was trained in it, or in one like it, "
                        + "give that one",
                100 * better.explained(),
                100 * Math.max(0, better.given()),
                setting,
                Columns.line(order));
    }
}
