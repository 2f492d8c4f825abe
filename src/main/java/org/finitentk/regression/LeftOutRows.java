package org.finitentk.regression;

import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.logging.Logger;

/** What a trainer says and records of the training rows when each is left out. */
final class LeftOutRows {
    private static final Logger LOG = Logger.getLogger(LeftOutRows.class.getName());
    private static final double LEVEL = 0.95;
    /** So many standard errors below the level are chance in one of a hundred tables. */
    private static final double ERRORS = 2.33;

    private LeftOutRows() {}

    /** Few targets within their intervals are said aloud: nobody looks for that in a provenance. */
    static void record(LeaveOneOut leftOut, BiConsumer<String, Double> values) {
        double coverage = leftOut.coverage(LEVEL);
        values.accept("loo-log-density", leftOut.averageLogDensity());
        values.accept("loo-log-density-error", leftOut.standardError());
        values.accept("loo-coverage-95", coverage);
        int targets = leftOut.mean().length;
        if (coverage < LEVEL - ERRORS * Math.sqrt(LEVEL * (1 - LEVEL) / targets)) {
            LOG.warning(String.format(
                    Locale.ROOT,
                    "of the %d training targets, left out one row at a time, %.1f %% lie within their own 95 %% "
                            + "interval: intervals of new rows may be too narrow as well, because noise differs from "
                            + "row to row or has long tails; test the model on rows that it has not seen (varianceScale "
                            + "LEAVE_ONE_OUT of FiniteNTKRegressionTrainer widens them)",
                    targets,
                    100 * coverage));
        }
    }
}
