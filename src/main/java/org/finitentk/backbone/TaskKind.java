package org.finitentk.backbone;

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
}
