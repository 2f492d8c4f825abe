package org.finitentk.internal.backbone;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.internal.backbone.MatchedOutputs.Basis;
import org.finitentk.internal.tribuo.TaskKind;
import org.finitentk.onnx.NetworkNames;
import org.jspecify.annotations.Nullable;

/**
 * Decides which of two labels a network's only output is the log odds of. In this order: what the trainer was told; the
 * network's file; labels that say it themselves; the second label in alphabetical order, if the network's own outputs
 * on the training data rank it higher. The mapping has the negative label first.
 */
final class OneLogit {
    private static final Logger LOG = Logger.getLogger(OneLogit.class.getName());
    /** Negative and positive labels that say so, in any case. */
    private static final Set<List<String>> EVIDENT =
            Set.of(List.of("0", "1"), List.of("false", "true"), List.of("no", "yes"));

    private static final String PROPERTY = "positiveLabel";

    private final OutputRule rule;
    private final List<String> labels;
    private final NetworkNames file;
    private final Function<List<String>, @Nullable SignEvidence> evidence;

    /**
     * For one or two labels.
     *
     * @param rule what the trainer was told
     * @param labels of the data, sorted
     * @param file the names in the network's file
     * @param evidence what the network's outputs say of two labels; null where they cannot say anything
     */
    OneLogit(
            OutputRule rule,
            List<String> labels,
            NetworkNames file,
            Function<List<String>, @Nullable SignEvidence> evidence) {
        this.rule = rule;
        this.labels = labels;
        this.file = file;
        this.evidence = evidence;
    }

    /**
     * Negative and positive label, and why.
     *
     * @return null for one label alone of which nobody said whether it is the positive one
     * @throws IllegalArgumentException if nothing says which label is positive, or the network's outputs say the
     *     opposite of what the labels' own names do
     */
    @Nullable
    MatchedOutputs settle() {
        MatchedOutputs told = told();
        if (told != null) {
            warnIfReversed(told);
            return told;
        }
        if (labels.size() == 1) {
            return null;
        }
        List<String> evident = evident();
        return evident != null ? requireNotReversed(evident) : tested();
    }

    /** What was told, or the alphabetical order without looking further. */
    MatchedOutputs sorted() {
        MatchedOutputs told = told();
        return told != null ? told : matched(labels, Basis.SORTED, "alphabetical order, by outputOrder=SORTED");
    }

    private @Nullable MatchedOutputs told() {
        if (!rule.positiveLabel().isEmpty()) {
            List<String> pair = pair(rule.positiveLabel(), "");
            if (!rule.outputNames().isEmpty() && !listed().equals(pair)) {
                throw new IllegalArgumentException(PROPERTY + " is '" + rule.positiveLabel()
                        + "', but outputNames lists " + rule.outputNames() + "; expected one of them only");
            }
            return matched(pair, Basis.LISTED, "as asked");
        }
        if (!rule.outputNames().isEmpty()) {
            return matched(listed(), Basis.LISTED, "as asked");
        }
        if (file.outputs().isEmpty()) {
            return null;
        }
        String metadata = "the metadata " + NetworkNames.OUTPUTS + " of the network's file";
        if (file.outputs().size() != 1) {
            throw new IllegalArgumentException(metadata + " names the outputs " + file.outputs()
                    + ", but the network has 1 output; expected the label whose log odds it is, as in [\""
                    + labels.get(labels.size() - 1) + "\"], or set " + PROPERTY);
        }
        return matched(pair(file.outputs().get(0), " by " + metadata), Basis.METADATA, metadata + " says so");
    }

    private static MatchedOutputs matched(List<String> pair, Basis basis, String reason) {
        return new MatchedOutputs(new OutputMapping(pair), basis, reason);
    }

    private List<String> listed() {
        List<String> listed = rule.outputNames();
        if (listed.size() == 2 && listed.containsAll(labels) && !listed.get(0).equals(listed.get(1))) {
            return listed;
        }
        if (listed.size() != 1) {
            throw new IllegalArgumentException("outputNames lists " + listed + ", but the network has 1 output "
                    + "and the data has the labels " + labels
                    + "; expected the label whose log odds the output is, or the negative and the positive label");
        }
        return pair(listed.get(0), "");
    }

    /** Data of one label leave the other one without a name. */
    private List<String> pair(String positive, String origin) {
        if (labels.size() == 1) {
            return List.of(labels.contains(positive) ? "not " + positive : labels.get(0), positive);
        }
        int at = labels.indexOf(positive);
        if (at < 0) {
            throw new IllegalArgumentException("'" + positive + "' is named" + origin
                    + " as the positive label, whose log odds the network's only output is, but the data has "
                    + "the labels "
                    + labels + "; expected one of these");
        }
        return List.of(labels.get(1 - at), positive);
    }

    private @Nullable List<String> evident() {
        List<String> lower =
                labels.stream().map(label -> label.toLowerCase(Locale.ROOT)).toList();
        List<String> reversed = List.of(lower.get(1), lower.get(0));
        if (EVIDENT.contains(lower)) {
            return labels;
        }
        return EVIDENT.contains(reversed) ? List.of(labels.get(1), labels.get(0)) : null;
    }

    private void warnIfReversed(MatchedOutputs told) {
        SignEvidence found = labels.size() == 2 ? evidence.apply(told.mapping().names()) : null;
        if (found != null && found.speaksAgainst()) {
            String positive = told.mapping().names().get(1);
            LOG.log(
                    rule.use() == OutputUse.TRAINED ? Level.INFO : Level.WARNING,
                    () -> "the network's output is taken for the log odds of '" + positive + "' (" + told.reason()
                            + "), but it ranks the other label higher: " + figures(found));
        }
    }

    private static String figures(SignEvidence found) {
        return found.merit() + ", and the other way round "
                + String.format(Locale.ROOT, "%.3g", found.reversed().auc());
    }

    private MatchedOutputs requireNotReversed(List<String> evident) {
        SignEvidence found = evidence.apply(evident);
        if (found != null && found.speaksAgainst()) {
            if (rule.use() != OutputUse.TRAINED) {
                throw reversed(evident, found);
            }
            LOG.info("the network's output is trained to be the log odds of '" + evident.get(1)
                    + "', but at the start it ranks the other label higher: " + figures(found));
        }
        return matched(evident, Basis.EVIDENT, "the labels say so themselves");
    }

    private IllegalArgumentException reversed(List<String> order, SignEvidence found) {
        return new IllegalArgumentException("the network's output is not the log odds of '" + order.get(1)
                + "' against '"
                + order.get(0) + "': it ranks them with " + figures(found) + " (as bad by chance with probability "
                + figure(found.below()) + "); if it is the log odds of '" + order.get(0) + "', set "
                + line(order.get(0)) + shared());
    }

    private static String line(String label) {
        String value = label.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
        return "<property name=\"" + PROPERTY + "\" value=\"" + value + "\"/>";
    }

    private MatchedOutputs tested() {
        SignEvidence found = evidence.apply(labels);
        String positive = labels.get(1);
        if (found != null && found.speaksFor()) {
            return matched(
                    labels,
                    Basis.TESTED,
                    "the network's own outputs rank '" + positive + "' higher: " + found.merit()
                            + ", as well by chance with probability " + figure(found.above()));
        }
        if (rule.use() == OutputUse.TRAINED) {
            return matched(
                    labels,
                    Basis.TRAINED,
                    "alphabetical order, to which the network is trained"
                            + (found == null ? "" : "; at the start its output has " + found.merit()));
        }
        if (found != null && found.speaksAgainst()) {
            throw reversed(labels, found);
        }
        throw new IllegalArgumentException("nothing says which of the labels " + labels
                + " the network's only output is the log odds of: its file's metadata has no " + NetworkNames.OUTPUTS
                + ", the labels are not true and false, 1 and 0 or yes and no"
                + (found == null
                        ? ""
                        : ", and the network's own outputs do not tell: as the log odds of '" + positive
                                + "' they have " + found.merit() + ", as well by chance with probability "
                                + figure(found.above()))
                + "; set " + PROPERTY + " to the label of which large outputs speak" + shared());
    }

    private String shared() {
        boolean can = rule.use() == OutputUse.AUTO || rule.use() == OutputUse.MATCHED;
        return can
                ? ", or " + TaskKind.LABELS.setting() + "=SHARED if the labels have nothing to do with the output"
                : "";
    }

    private static String figure(double probability) {
        return String.format(Locale.ROOT, "%.2g", probability);
    }
}
