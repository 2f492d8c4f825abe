package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LeftOutRowsTest {
    private static final int ROWS = 100;

    /** Of two dimensions, of which so many targets are three deviations off, every other one below. */
    private static LeaveOneOut leftOut(int off) {
        double[] targets = new double[2 * ROWS];
        double[] variance = new double[2 * ROWS];
        Arrays.fill(variance, 4);
        for (int i = 0; i < off; i++) {
            targets[i] = i % 2 == 0 ? 6 : -6;
        }
        return new LeaveOneOut(
                IntStream.range(0, ROWS).toArray(), targets, new double[2 * ROWS], variance, new double[ROWS]);
    }

    private static List<String> said(LeaveOneOut leftOut, Map<String, Double> recorded) {
        List<String> said = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                said.add(entry.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger log = Logger.getLogger(LeftOutRows.class.getName());
        log.addHandler(handler);
        try {
            LeftOutRows.record(leftOut, recorded::put);
        } finally {
            log.removeHandler(handler);
        }
        return said;
    }

    @Test
    void coverageCountsTargetsWithinTheirIntervals() {
        LeaveOneOut some = leftOut(12);
        assertEquals(0.94, some.coverage(0.95));
        assertEquals(1, some.coverage(0.9975)); // P(|z| > 3) is 0.0027
        assertEquals(0.94, some.coverage(0.9972));
        for (double none : new double[] {0, 1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> some.coverage(none));
        }
    }

    @Test
    void narrowIntervalsAreSaidAndAlwaysRecorded() {
        Map<String, Double> recorded = new HashMap<>();
        assertEquals(List.of(), said(leftOut(15), recorded));
        assertEquals(0.925, recorded.get("loo-coverage-95"));
        List<String> said = said(leftOut(24), recorded);
        assertEquals(1, said.size());
        assertTrue(
                said.get(0).startsWith("of the 200 training targets, left out one row at a time, 88.0 % lie"),
                said::toString);
        assertEquals(0.88, recorded.get("loo-coverage-95"));
        assertEquals(0.0, recorded.get("loo-log-density"));
    }
}
