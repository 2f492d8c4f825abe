package org.finitentk.backbone;

import org.tribuo.OutputInfo;
import org.tribuo.classification.Label;

/** How sentences speak of a task's outputs. */
enum TaskKind {
    LABELS("labels", "structure"),
    DIMENSIONS("dimensions", "outputStructure");

    private final String plural;
    private final String setting;

    TaskKind(String plural, String setting) {
        this.plural = plural;
        this.setting = setting;
    }

    /** What the names are called. */
    String plural() {
        return plural;
    }

    /** The property that says SHARED. */
    String setting() {
        return setting;
    }

    /** Of outputs that are labels or regressions. */
    static TaskKind of(OutputInfo<?> domain) {
        return domain.getDomain().iterator().next() instanceof Label ? LABELS : DIMENSIONS;
    }
}
