package org.finitentk.internal.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import org.finitentk.internal.scores.Numbers;
import org.finitentk.internal.scores.Range;
import org.finitentk.internal.scores.ReportMetric;

/**
 * Where scores stand on an axis, such that every method's can be told apart. Scores of one sign that span decades stand
 * by their logarithms. Scores of both signs, as log densities are, stand as they are up to a unit and by their
 * logarithms beyond it: 0, ±1, ±10, ±100 units are equally far apart.
 *
 * @param form how values become places
 * @param unit the largest size that stands as it is on a symmetric axis, a power of ten; else 1
 */
record ScoreAxis(Form form, double unit) {
    /**
     * From this ratio of the largest size to that of the method of the smallest ones on, an axis is no longer linear.
     */
    private static final double WIDE = 30;

    private static final double MOST_TICKS = 8;
    private static final ScoreAxis LINEAR = new ScoreAxis(Form.LINEAR, 1);

    /** How values become places on an axis. */
    enum Form {
        LINEAR,
        LOGARITHMIC,
        SYMMETRIC
    }

    /** The axis for the scores of methods, each finite and of any number. */
    static ScoreAxis of(ReportMetric metric, List<double[]> methods) {
        Range all = Range.EMPTY;
        for (double[] scores : methods) {
            all = all.include(scores);
        }
        // A share is between 0 and 1, and its distance from either end says something.
        if (all.isEmpty() || metric.unit() == ReportMetric.Unit.FRACTION) {
            return LINEAR;
        }
        if (all.low() > 0) {
            return all.high() / all.low() >= WIDE ? new ScoreAxis(Form.LOGARITHMIC, 1) : LINEAR;
        }
        double largest = Math.max(-all.low(), all.high());
        double usual = methods.stream()
                .filter(scores -> scores.length > 0)
                .mapToDouble(ScoreAxis::usualSize)
                .filter(size -> size > 0)
                .min()
                .orElse(largest);
        return largest / usual >= WIDE
                ? new ScoreAxis(Form.SYMMETRIC, Math.pow(10, Math.floor(Math.log10(usual))))
                : LINEAR;
    }

    /** The size that three quarters of the scores do not exceed: what one outlier says nothing of. */
    private static double usualSize(double[] scores) {
        double[] sizes = Arrays.stream(scores).map(Math::abs).sorted().toArray();
        return sizes[(3 * sizes.length - 1) / 4];
    }

    boolean isLinear() {
        return form == Form.LINEAR;
    }

    /** Where a value stands. */
    double place(double value) {
        return switch (form) {
            case LINEAR -> value;
            case LOGARITHMIC -> Math.log10(value);
            case SYMMETRIC -> {
                double size = Math.abs(value) / unit;
                yield Math.signum(value) * (size <= 1 ? size : 1 + Math.log10(size));
            }
        };
    }

    double[] places(double[] values) {
        return Arrays.stream(values).map(this::place).toArray();
    }

    /** What stands at a place: the inverse of {@link #place}. */
    double value(double place) {
        return switch (form) {
            case LINEAR -> place;
            case LOGARITHMIC -> Math.pow(10, place);
            case SYMMETRIC -> {
                double size = Math.abs(place);
                yield Math.signum(place) * unit * (size <= 1 ? size : Math.pow(10, size - 1));
            }
        };
    }

    /** How far apart ticks are: powers of ten where there are several, halves between them where there are not. */
    double step(Range places) {
        double decades = places.span();
        return decades < 2.5 ? 0.5 : decades <= MOST_TICKS ? 1 : decades <= 2 * MOST_TICKS ? 2 : 5;
    }

    /** A tick at a place; half way between powers of ten stands 3.2, which is near enough. */
    String tick(double place) {
        double value = value(place);
        return Numbers.tick(new BigDecimal(value).round(new MathContext(2)).doubleValue());
    }

    /** What stands beside an axis so that nobody takes it for a linear one. */
    String note() {
        return switch (form) {
            case LINEAR -> "";
            case LOGARITHMIC -> " (logarithmic)";
            case SYMMETRIC -> " (logarithmic beyond ±" + Numbers.tick(unit) + ")";
        };
    }
}
