package org.finitentk.internal.backbone;

import org.finitentk.internal.tribuo.Findings;
import org.finitentk.onnx.NetworkNames;

/**
 * Which network output each label or dimension is, and why.
 *
 * @param mapping under MATCHED one name for each output of the network, among them names that the data lacks, or the
 *     negative and the positive label of its only one; under SHARED the task's names in the order of the model's own
 * @param basis what decided
 * @param reason the same in words, with the figures of tests
 */
record MatchedOutputs(OutputMapping mapping, Basis basis, String reason) {
    /** What an order of names rests on. */
    enum Basis {
        /** There is one name and one output. */
        ONLY_ONE,
        /** A list that the trainer was given. */
        LISTED,
        /** A list in the network's file. */
        METADATA,
        /** The names are the outputs' numbers. */
        EVIDENT,
        /** Alphabetical, and the network's own predictions on the training data speak for it. */
        TESTED,
        /** Alphabetical; predictions say nothing, and the weights are trained to it. */
        TRAINED,
        /** Alphabetical, without looking further, as asked. */
        SORTED,
        /** None is needed: names have nothing to do with outputs. */
        SHARED
    }

    /** Whether each name is an output of the network. */
    boolean isMatched() {
        return basis != Basis.SHARED;
    }

    /**
     * Adds what was decided to a model's findings: output-mapping (a JSON array in the order of the network's outputs,
     * if names are matched; for one logit the negative label and the positive one), output-mapping-basis and
     * output-mapping-reason.
     */
    Findings record(Findings findings) {
        if (isMatched()) {
            findings.add("output-mapping", NetworkNames.json(mapping.names()));
        }
        return findings.add("output-mapping-basis", basis.name()).add("output-mapping-reason", reason);
    }
}
