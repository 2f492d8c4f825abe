package org.finitentk.provenance;

/**
 * One thing that differs between a model and its reproduction.
 *
 * @param kind what differs
 * @param where the path of keys inside the provenance, or the part of the model
 * @param original what the original has, "absent" if nothing
 * @param reproduced what the reproduction has, "absent" if nothing
 */
public record Difference(Kind kind, String where, String original, String reproduced) {
    /** What differs. */
    public enum Kind {
        /** Recorded settings, data or findings. */
        PROVENANCE,
        /**
         * Times, versions of software and settings that are new in them, the machine, or where files lie, which by
         * themselves make no other model.
         */
        ENVIRONMENT,
        /** What the model has learned. */
        CONTENT
    }

    static final String ABSENT = "absent";

    /**
     * A difference.
     *
     * @param kind what differs
     * @param where the path of keys inside the provenance, or the part of the model
     * @param original what the original has
     * @param reproduced what the reproduction has
     */
    public Difference {}

    /**
     * One line.
     *
     * @return where, and both values
     */
    @Override
    public String toString() {
        return where + ": was " + original + ", now " + reproduced;
    }
}
