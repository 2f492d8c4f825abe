package org.finitentk.internal.backbone;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.finitentk.internal.backbone.MatchedOutputs.Basis;
import org.jspecify.annotations.Nullable;

/**
 * Whether outputs that are the log odds of labels, of which an example may have several, rank examples with the label
 * above others. An output that does the opposite is that of another label, or of not having this one: what a label is
 * matched with by the whole order can still be wrong in sign.
 *
 * @param names labels that examples have
 * @param memberships n × labels, 1 where an example has the label
 * @param outputs n × k, before anything is trained
 * @param k the network's outputs
 */
record LabelSigns(List<String> names, double[] memberships, double[] outputs, int k) {
    private static final Logger LOG = Logger.getLogger(LabelSigns.class.getName());

    /**
     * Looks at each label's output.
     *
     * @param settled which output each label is
     * @param given whether the order was given or is trained, so that this warns where it would refuse
     * @throws IllegalArgumentException naming the first output that ranks the opposite way
     */
    void require(MatchedOutputs settled, boolean given) {
        List<String> found = new ArrayList<>();
        for (int c = 0; c < names.size(); c++) {
            int output = settled.mapping().names().indexOf(names.get(c));
            SignEvidence evidence = evidence(c, output);
            if (evidence != null && evidence.speaksAgainst()) {
                found.add(String.format(
                        Locale.ROOT,
                        "output %d ranks examples without '%s' above those with it (%s)",
                        output,
                        names.get(c),
                        evidence.merit()));
            }
        }
        if (found.isEmpty()) {
            return;
        }
        String sentence = "the network's outputs are taken for the log odds of "
                + settled.mapping().names() + " ("
                + settled.reason() + "), but " + String.join(", ", found)
                + ": is it another label, or that of not having it?";
        if (!given && settled.basis() != Basis.LISTED && settled.basis() != Basis.METADATA) {
            throw new IllegalArgumentException(sentence
                    + " If it is that of not having it, exchange yes and no of that label in the data; if it is another"
                    + " label, set outputNames to the labels of the outputs in their order; if neither, set"
                    + " structure=SHARED");
        }
        LOG.warning(sentence);
    }

    /** Null where nothing needs to be looked at: of many labels most are ranked right. */
    private @Nullable SignEvidence evidence(int label, int output) {
        int n = memberships.length / names.size();
        int[] has = IntStream.range(0, n)
                .map(i -> memberships[i * names.size() + label] > 0 ? 1 : 0)
                .toArray();
        double[] f =
                IntStream.range(0, n).mapToDouble(i -> outputs[i * k + output]).toArray();
        return SignEvidence.auc(has, f) < 0.5 ? SignEvidence.of(has, f) : null;
    }
}
