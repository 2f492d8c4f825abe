package org.finitentk.experiment;

/** Which of an experiment's networks a method adapts. */
enum SourceNetwork {
    /** As it is after training on the source rows. */
    TRAINED,
    /** At its initial weights, which no data have seen. */
    UNTRAINED
}
