package org.finitentk.evaluation;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them: four significant digits, the same in every locale. */
final class Numbers {
    private static final MathContext FOUR_DIGITS = new MathContext(4);

    private Numbers() {}

    /**
     * Four significant digits; scientific where more than six places would be needed; "-" for NaN, "inf" for infinity.
     */
    static String plain(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        double size = Math.abs(value);
        if (size != 0 && (size < 1e-3 || size >= 1e6)) {
            return String.format(Locale.ROOT, "%.3e", value);
        }
        BigDecimal rounded = new BigDecimal(value).round(FOUR_DIGITS);
        return rounded.setScale(Math.max(0, Math.min(rounded.scale(), 6)), RoundingMode.HALF_EVEN)
                .toPlainString();
    }

    /** A tick of an axis: without needless zeros, and zero where adding steps up to it left 1e-17. */
    static String tick(double value) {
        double size = Math.abs(value);
        if (size < 1e-12) {
            return "0";
        }
        BigDecimal rounded = new BigDecimal(value).round(FOUR_DIGITS).stripTrailingZeros();
        return size < 1e-4 || size >= 1e6 ? rounded.toString() : rounded.toPlainString();
    }

    /** Two significant digits, for errors of figures. */
    static String rough(double value) {
        double size = Math.abs(value);
        if (!Double.isFinite(value) || size == 0 || size < 1e-3 || size >= 1e6) {
            return size == 0 || !Double.isFinite(value) ? plain(value) : String.format(Locale.ROOT, "%.1e", value);
        }
        return new BigDecimal(value).round(new MathContext(2)).toPlainString();
    }

    /** A fraction as a percentage with one decimal. */
    static String percent(double fraction) {
        return Double.isFinite(fraction) ? String.format(Locale.ROOT, "%.1f %%", 100 * fraction) : plain(fraction);
    }

    /** Seconds with their unit. */
    static String seconds(double seconds) {
        return Double.isFinite(seconds) ? plain(seconds) + " s" : plain(seconds);
    }
}
