package org.finitentk.internal.tabular;

import java.util.List;
import org.finitentk.classification.ClassStructure;
import org.finitentk.classification.Inference;
import org.finitentk.regression.OutputStructure;
import org.jspecify.annotations.Nullable;

/**
 * What a network's outputs have to do with the targets.
 *
 * @param task what is learned
 * @param names labels of the outputs, or targets, in the outputs' order; empty if they are to be found
 * @param positiveLabel for a network with one logit, the label whose log odds it is; null if none is named
 * @param structure whether targets are outputs of the network or share their kernel
 * @param inference how labels are learned; null for the trainers' default
 */
public record OutputChoice(
        Task task,
        List<String> names,
        @Nullable String positiveLabel,
        OutputStructure structure,
        @Nullable Inference inference) {
    /**
     * Copies the list.
     *
     * @param task what is learned
     * @param names labels of the outputs, or targets
     * @param positiveLabel the label of an only logit
     * @param structure whether targets are outputs
     * @param inference how labels are learned, or null
     */
    public OutputChoice {
        names = List.copyOf(names);
    }

    /**
     * With the trainers' default inference.
     *
     * @param task what is learned
     * @param names labels of the outputs, or targets
     * @param positiveLabel the label of an only logit
     * @param structure whether targets are outputs
     */
    public OutputChoice(Task task, List<String> names, @Nullable String positiveLabel, OutputStructure structure) {
        this(task, names, positiveLabel, structure, null);
    }

    /** The same for labels. */
    ClassStructure classes() {
        return switch (structure) {
            case AUTO -> ClassStructure.AUTO;
            case MATCHED -> ClassStructure.MATCHED;
            case SHARED -> ClassStructure.SHARED;
            case INDEPENDENT ->
                throw new IllegalArgumentException(
                        "the structure INDEPENDENT is one of regressions; expected AUTO, MATCHED or SHARED for labels");
        };
    }
}
