package org.finitentk.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.report.ScoreAxis.Form;
import org.finitentk.internal.scores.ReportMetric;
import org.junit.jupiter.api.Test;

class ScoreAxisTest {
    private static ScoreAxis axis(ReportMetric metric, double[]... methods) {
        return ScoreAxis.of(metric, List.of(methods));
    }

    /** Log densities as recorded for sinusoids: one method is sound, two are far too sure of themselves. */
    @Test
    void logDensitiesOfBothSignsThatSpanDecadesCanAllBeTold() {
        double[] sound = {0.58, 1.39, 0.04, -0.54, 2.32, -0.07};
        double[] sure = {61.9, 5.7, 193, 324, 1067, 2.6};
        double[] surest = {373_244, 52.4, 4044, 1.1e7, 595, 742};
        ScoreAxis axis = axis(ReportMetric.NLPD, sound, sure, surest);
        assertEquals(new ScoreAxis(Form.SYMMETRIC, 1), axis);
        double height = axis.place(1.1e7) - axis.place(-0.54);
        for (double[] method : List.of(sound, sure, surest)) {
            double[] places = axis.places(method);
            double spread = Arrays.stream(places).max().orElseThrow()
                    - Arrays.stream(places).min().orElseThrow();
            assertTrue(spread > height / 5, () -> Arrays.toString(places) + " of " + height);
        }
    }

    @Test
    void scoresOfOneSizeStandAsTheyAre() {
        assertTrue(axis(ReportMetric.NLPD, new double[] {-2.9, -1.6}, new double[] {0.03, 1.3})
                .isLinear());
        assertTrue(axis(ReportMetric.RMSE, new double[] {1, 29}).isLinear());
        assertTrue(axis(ReportMetric.RMSE).isLinear(), "no score at all");
        assertTrue(axis(ReportMetric.RMSE, new double[] {0, 0}).isLinear());
        assertTrue(axis(ReportMetric.coverage(0.95), new double[] {0.01, 1}).isLinear(), "a share");
    }

    @Test
    void scoresOfOneSignThatSpanDecadesStandByTheirLogarithms() {
        ScoreAxis axis = axis(ReportMetric.RMSE, new double[] {0.01}, new double[] {10});
        assertEquals(Form.LOGARITHMIC, axis.form());
        assertEquals(3, axis.place(10) - axis.place(0.01), 1e-12);
    }

    @Test
    void aPlaceIsOfOneValueAndRisesWithIt() {
        for (ScoreAxis axis : List.of(
                new ScoreAxis(Form.LINEAR, 1),
                new ScoreAxis(Form.SYMMETRIC, 0.1),
                new ScoreAxis(Form.SYMMETRIC, 1000))) {
            double before = Double.NEGATIVE_INFINITY;
            for (double value : new double[] {-1e9, -1000, -1.5, -0.1, -0.05, 0, 0.03, 0.1, 0.2, 999, 1001, 1e8}) {
                double place = axis.place(value);
                assertTrue(place > before, axis + " at " + value);
                assertEquals(value, axis.value(place), 1e-9 * Math.abs(value), axis::toString);
                before = place;
            }
        }
    }
}
