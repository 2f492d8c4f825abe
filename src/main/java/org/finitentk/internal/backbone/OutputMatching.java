package org.finitentk.internal.backbone;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.finitentk.backbone.OutputOrder;
import org.finitentk.internal.backbone.MatchedOutputs.Basis;
import org.finitentk.internal.tribuo.NumberedNames;
import org.finitentk.internal.tribuo.OutputNames;
import org.finitentk.internal.tribuo.TaskKind;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.NetworkNames;
import org.jspecify.annotations.Nullable;
import org.tribuo.Dataset;

/**
 * Decides which network output is which label or dimension, for all trainers. In this order: the trainer's list; a list
 * in the network's file; names that are the outputs' numbers; the alphabetical order, if the network's own predictions
 * on the training data speak for it. A wrong order makes a model that is wrong without a word, so anything else is
 * refused.
 */
final class OutputMatching {
    private static final Logger LOG = Logger.getLogger(OutputMatching.class.getName());
    /** Names that a sentence shows. */
    private static final int SHOWN = 20;
    /** Entries of names × outputs beyond which nothing is tested. */
    private static final long LARGEST = 4_000_000;

    private final TaskKind kind;
    private final OutputRule rule;
    private final List<String> names;
    private final int k;
    private final NetworkNames file;
    private final Function<List<String>, OutputEvidence> rows;
    private final Function<List<String>, @Nullable SignEvidence> sign;

    private OutputMatching(
            TaskKind kind,
            OutputRule rule,
            Dataset<?> data,
            LinearizedNetwork network,
            Function<List<String>, OutputEvidence> rows,
            Function<List<String>, @Nullable SignEvidence> sign) {
        this.kind = kind;
        this.names = OutputNames.sorted(OutputNames.of(data.getOutputIDInfo()));
        this.k = network.outputSize();
        this.rule = rule.settled(names.size() == k);
        this.file = network.names();
        this.rows = rows;
        this.sign = sign;
    }

    /**
     * Decides for the labels or dimensions of the data, which the network takes as inputs.
     *
     * @throws IllegalArgumentException if nothing says which output a name is, or the network's predictions say that it
     *     is another, with what to set
     */
    static MatchedOutputs of(OutputRule rule, Dataset<?> data, Examples inputs, LinearizedNetwork network) {
        TaskKind kind = TaskKind.of(data.getOutputInfo());
        return new OutputMatching(
                        kind,
                        rule,
                        data,
                        network,
                        names -> EvidenceRows.of(data).evidence(kind, names, data, inputs, network),
                        labels -> EvidenceRows.of(data).sign(labels, data, inputs, network))
                .settle();
    }

    private MatchedOutputs settle() {
        requireUsedPositiveLabel();
        MatchedOutputs settled = rule.order() == OutputOrder.SORTED ? withoutLooking() : decide();
        LOG.log(
                Level.INFO,
                () -> (settled.isMatched()
                                        && k == 1
                                        && settled.mapping().names().size() == 2
                                ? "the network's output is the log odds of '"
                                        + settled.mapping().names().get(1) + "' against '"
                                        + settled.mapping().names().get(0) + "'"
                                : settled.isMatched()
                                        ? "the network's outputs are the " + kind.plural() + " "
                                                + shown(settled.mapping().names())
                                        : "the " + kind.plural() + " " + shown(names) + " share a kernel")
                        + ": " + settled.reason());
        return settled;
    }

    private MatchedOutputs withoutLooking() {
        boolean asked = !rule.positiveLabel().isEmpty() || rule.use() != OutputUse.AUTO && names.size() == 2;
        if (isLogit() && rule.use() != OutputUse.SHARED && asked) {
            return new OneLogit(rule, names, NetworkNames.NONE, sign).sorted();
        }
        OutputMapping mapping = OutputMapping.of(names, rule.outputNames());
        if (rule.use() == OutputUse.SHARED || rule.use() == OutputUse.AUTO && names.size() != k) {
            return new MatchedOutputs(mapping, Basis.SHARED, kind.counted(names.size()) + " on " + outputs());
        }
        requireCount(names.size() == k);
        return rule.outputNames().isEmpty()
                ? new MatchedOutputs(mapping, Basis.SORTED, "alphabetical order, by outputOrder=SORTED")
                : new MatchedOutputs(mapping, Basis.LISTED, "outputNames lists them");
    }

    private MatchedOutputs decide() {
        if (rule.use() == OutputUse.SHARED) {
            MatchedOutputs known = kind == TaskKind.DIMENSIONS && names.size() == k ? knownAnyway() : null;
            return known != null ? known : shared("as " + kind.setting() + "=SHARED says");
        }
        MatchedOutputs logit = isLogit() ? new OneLogit(rule, names, file, sign).settle() : null;
        if (logit != null) {
            return logit;
        }
        MatchedOutputs named = named();
        if (named != null) {
            warnOfBetterOrder(named);
            return named;
        }
        if (names.size() == k) {
            return tested(List.of(names));
        }
        if (kind.areLabels() && names.size() < k) {
            return tested(IntStream.of(0, 1)
                    .filter(first -> NumberedNames.areAmong(names, first, k))
                    .mapToObj(first -> NumberedNames.range(first, k))
                    .toList());
        }
        requireCount(rule.use() == OutputUse.AUTO);
        return shared(kind.counted(names.size()) + " on " + outputs() + " cannot be matched, so that the "
                + kind.setting() + " is SHARED");
    }

    /** Whether the only output can be the log odds of a label. */
    private boolean isLogit() {
        return kind == TaskKind.LABELS && k == 1 && names.size() <= 2;
    }

    private void requireUsedPositiveLabel() {
        if (!rule.positiveLabel().isEmpty() && (!isLogit() || rule.use() == OutputUse.SHARED)) {
            throw new IllegalArgumentException("positiveLabel is '" + rule.positiveLabel() + "', but the network has "
                    + outputs() + " and the data the " + kind.plural() + " " + shown(names)
                    + (rule.use() == OutputUse.SHARED ? ", with structure=SHARED" : "")
                    + "; it says what a network's only output means for two labels, so leave it empty");
        }
    }

    private boolean canShare() {
        return rule.use() == OutputUse.AUTO || rule.use() == OutputUse.MATCHED || rule.use() == OutputUse.SHARED;
    }

    private String outputs() {
        return k == 1 ? "1 output" : k + " outputs";
    }

    private void requireCount(boolean fits) {
        if (!fits) {
            throw new IllegalArgumentException("the data has " + kind.counted(names.size()) + " " + shown(names)
                    + ", but the network has " + outputs() + "; expected as many of each"
                    + (canShare() ? ", or " + kind.setting() + "=SHARED" : ""));
        }
    }

    /** The order of the model's own weights, for which the names' own order will do. */
    private MatchedOutputs shared(String reason) {
        return new MatchedOutputs(OutputMapping.of(names, rule.outputNames()), Basis.SHARED, reason);
    }

    /** By a list, by the file, or by the names themselves; null if none says anything and SHARED or a test is left. */
    private @Nullable MatchedOutputs named() {
        if (!rule.outputNames().isEmpty()) {
            return listed();
        }
        if (!file.outputs().isEmpty()) {
            return inFile();
        }
        return evident();
    }

    /** Under SHARED, dimensions that are known to be the network's outputs: these can be their mean. */
    private @Nullable MatchedOutputs knownAnyway() {
        boolean fromFile = rule.outputNames().isEmpty() && !file.outputs().isEmpty();
        return fromFile && !isPossible(file.outputs()) ? null : named();
    }

    private @Nullable MatchedOutputs listed() {
        List<String> listed = rule.outputNames();
        if (isPossible(listed)) {
            return new MatchedOutputs(new OutputMapping(listed), Basis.LISTED, "outputNames lists them");
        }
        if (isSharedByCount() && listed.size() == names.size() && new HashSet<>(listed).equals(new HashSet<>(names))) {
            return null;
        }
        throw new IllegalArgumentException("the output order lists " + shown(listed) + ", but the data has the "
                + kind.plural() + " " + shown(names) + " and the network " + outputs() + "; expected "
                + (kind.areLabels()
                        ? "one different name for each output, the data's labels among them"
                        : "the data's dimensions, each once"));
    }

    private @Nullable MatchedOutputs inFile() {
        List<String> found = file.outputs();
        if (isPossible(found)) {
            return new MatchedOutputs(
                    new OutputMapping(found),
                    Basis.METADATA,
                    "the metadata " + NetworkNames.OUTPUTS + " of the network's file lists them");
        }
        if (isSharedByCount()) {
            return null;
        }
        throw new IllegalArgumentException("the metadata " + NetworkNames.OUTPUTS
                + " of the network's file names the outputs " + shown(found) + ", but the data has the " + kind.plural()
                + " " + shown(names) + " and the network " + outputs() + "; " + remedy());
    }

    /** Whether a list names all outputs, each differently, and the data's names are among them. */
    private boolean isPossible(List<String> list) {
        Set<String> different = new HashSet<>(list);
        boolean all = kind.areLabels() || names.size() == k;
        return list.size() == k && different.size() == k && different.containsAll(names) && all;
    }

    private boolean isSharedByCount() {
        return rule.use() == OutputUse.AUTO && (names.size() > k || names.size() < k && kind == TaskKind.DIMENSIONS);
    }

    private @Nullable MatchedOutputs evident() {
        if (names.size() == 1 && k == 1) {
            return new MatchedOutputs(new OutputMapping(names), Basis.ONLY_ONE, "there is one of each");
        }
        if (kind == TaskKind.DIMENSIONS) {
            List<String> numbered = names.size() == k ? NumberedNames.byNumber(names) : List.of();
            return numbered.isEmpty()
                    ? null
                    : new MatchedOutputs(new OutputMapping(numbered), Basis.EVIDENT, "their numbers tell the order");
        }
        if (NumberedNames.areAll(names, 1, k)) {
            return new MatchedOutputs(new OutputMapping(names), Basis.EVIDENT, "they are the numbers from 1");
        }
        boolean fromZero = names.contains("0") && NumberedNames.areAmong(names, 0, k);
        return fromZero
                ? new MatchedOutputs(
                        new OutputMapping(NumberedNames.range(0, k)), Basis.EVIDENT, "they are numbers from 0")
                : null;
    }

    private @Nullable OutputEvidence evidence() {
        return (long) names.size() * k > LARGEST || names.size() > k ? null : rows.apply(names);
    }

    private int[] assignment(List<String> order) {
        return names.stream().mapToInt(order::indexOf).toArray();
    }

    private void warnOfBetterOrder(MatchedOutputs named) {
        OutputEvidence evidence = k == 1 ? null : evidence();
        if (evidence == null) {
            return;
        }
        List<String> given = named.mapping().names();
        int[] better = new OrderTrial(evidence, assignment(given)).given().better();
        if (better != null) {
            LOG.log(
                    rule.use() == OutputUse.TRAINED ? Level.INFO : Level.WARNING,
                    () -> "the network's outputs are taken for the " + kind.plural() + " " + shown(given) + " ("
                            + named.reason() + "), but its own predictions fare better for another order: "
                            + comparison(evidence, assignment(given), better));
        } else if (names.size() < k
                && named.basis() == Basis.EVIDENT
                && rule.use() != OutputUse.TRAINED
                && !new OrderTrial(evidence, assignment(given)).alone().stands()) {
            LOG.warning("the labels " + shown(names) + " are taken for those of the network's " + k
                    + " outputs that have their numbers, but its own predictions do not speak for it: "
                    + evidence.merit(assignment(given)) + "; if they are other classes than the network's, "
                    + remedy());
        }
    }

    private String comparison(OutputEvidence evidence, int[] current, int[] better) {
        return evidence.merit(current) + ", and " + evidence.merit(better) + " for " + shown(order(better));
    }

    /** Names in the order of the outputs; outputs that no name has are called by their numbers. */
    private List<String> order(int[] assignment) {
        List<String> order =
                IntStream.range(0, k).mapToObj(output -> "output-" + output).collect(Collectors.toList());
        for (int name = 0; name < assignment.length; name++) {
            order.set(assignment[name], names.get(name));
        }
        return order;
    }

    /** The order of those that are possible for which the network's predictions speak best, if they do. */
    private MatchedOutputs tested(List<List<String>> possible) {
        OutputEvidence evidence = possible.isEmpty() ? null : evidence();
        if (evidence == null) {
            throw unknown("");
        }
        double[][] agreement = evidence.agreement();
        List<String> order = possible.get(0);
        for (List<String> other : possible) {
            order = Assignment.value(agreement, assignment(other)) > Assignment.value(agreement, assignment(order))
                    ? other
                    : order;
        }
        int[] current = assignment(order);
        OrderTrial.Verdict verdict = new OrderTrial(evidence, current).alone();
        List<String> chosen = order;
        boolean only = possible.stream()
                .allMatch(other ->
                        other.equals(chosen) || evidence.better(current, assignment(other)) < OrderTrial.SIGNIFICANT);
        if (verdict.stands() && only) {
            return new MatchedOutputs(
                    new OutputMapping(order),
                    Basis.TESTED,
                    manner() + ", for which the network's own predictions speak: " + evidence.merit(current)
                            + ", as well by chance with probability " + figure(verdict.chance())
                            + ", and no exchange is significantly better");
        }
        if (rule.use() == OutputUse.TRAINED && names.size() == k) {
            return trained(evidence, current, verdict);
        }
        if (verdict.better() != null) {
            throw new IllegalArgumentException("the " + kind.plural() + " " + shown(order)
                    + ", in " + manner() + ", are not the network's outputs in theirs: its own predictions are "
                    + comparison(evidence, current, verdict.better()) + " (as well by chance with probability "
                    + figure(verdict.betterChance()) + "); if that is the order of the outputs, set it: "
                    + line(order(verdict.better()))
                    + (canShare()
                            ? "; if the " + kind.plural() + " have nothing to do with the outputs, set "
                                    + kind.setting() + "=SHARED"
                            : ""));
        }
        throw unknown(", and the network's own predictions do not tell: in " + manner() + " they are "
                + evidence.merit(current)
                + (verdict.contradicted() || !only
                        ? ", and for another as well"
                        : ", as well by chance with probability " + figure(verdict.chance())));
    }

    /** The names' own order, or, where there are fewer names than outputs, that of the numbers that they are. */
    private String manner() {
        return names.size() == k ? "alphabetical order" : "the order of their numbers";
    }

    private MatchedOutputs trained(OutputEvidence evidence, int[] current, OrderTrial.Verdict verdict) {
        int[] better = verdict.better();
        if (better != null) {
            LOG.warning("the " + kind.plural()
                    + " are trained in alphabetical order, but the network's own predictions fare better for another: "
                    + comparison(evidence, current, better) + "; to start from there, set " + line(order(better)));
        }
        return new MatchedOutputs(
                new OutputMapping(names),
                Basis.TRAINED,
                "alphabetical order, to which the network is trained; its own predictions at the start are "
                        + evidence.merit(current));
    }

    private IllegalArgumentException unknown(String why) {
        String numbers = kind.areLabels()
                ? "are not the numbers 0 to " + (k - 1) + " or 1 to " + k
                : "are not numbered from 0 or 1";
        return new IllegalArgumentException("nothing says which of the network's " + k + " outputs the " + names.size()
                + " " + kind.plural() + " " + shown(names) + " are: its file's metadata has no " + NetworkNames.OUTPUTS
                + ", the names " + numbers + why + "; " + remedy());
    }

    private String remedy() {
        return "set outputNames to the " + kind.plural() + " of " + (kind.areLabels() ? "all " : "the ")
                + outputs() + " in their order"
                + (canShare()
                        ? ", or " + kind.setting() + "=SHARED if the " + kind.plural()
                                + " have nothing to do with the outputs"
                        : "");
    }

    private static String line(List<String> order) {
        return order.stream()
                .map(name -> "<item>" + name.replace("&", "&amp;").replace("<", "&lt;") + "</item>")
                .collect(Collectors.joining("", "<propertylist name=\"outputNames\">", "</propertylist>"));
    }

    private static String shown(List<String> names) {
        return names.size() <= SHOWN
                ? names.toString()
                : names.subList(0, SHOWN).toString().replaceFirst("]$", ", …]");
    }

    private static String figure(double probability) {
        return String.format(Locale.ROOT, "%.2g", probability);
    }
}
