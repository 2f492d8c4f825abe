package org.finitentk.classification;

import java.util.SplittableRandom;

/** Estimates the expected log-likelihood under q, without bias. */
interface BoundEstimator {
    BoundGradient estimate(MeanFieldState q, Batches.Batch batch, SplittableRandom random);
}
