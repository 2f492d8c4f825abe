package org.finitentk.internal.tribuo;

import org.tribuo.Output;
import org.tribuo.OutputInfo;
import org.tribuo.classification.Label;
import org.tribuo.multilabel.MultiLabel;

/** How sentences speak of a task's outputs. */
public enum TaskKind {
    LABELS("labels", "structure"),
    /** Labels of which an example has several or none. */
    MULTI_LABELS("labels", "structure"),
    DIMENSIONS("dimensions", "outputStructure");

    private final String plural;
    private final String setting;

    TaskKind(String plural, String setting) {
        this.plural = plural;
        this.setting = setting;
    }

    /** What the names are called. */
    public String plural() {
        return plural;
    }

    /** So many of them. */
    public String counted(int count) {
        return count + " " + (count == 1 ? plural.substring(0, plural.length() - 1) : plural);
    }

    /** The property that says SHARED. */
    public String setting() {
        return setting;
    }

    /** Whether the names are labels, of which a network may know more than the data. */
    public boolean areLabels() {
        return this != DIMENSIONS;
    }

    /** Of outputs that are labels, several of them, or regressions. */
    public static TaskKind of(OutputInfo<?> domain) {
        Output<?> first = domain.getDomain().iterator().next();
        if (first instanceof MultiLabel) {
            return MULTI_LABELS;
        }
        return first instanceof Label ? LABELS : DIMENSIONS;
    }
}
