package org.finitentk.internal.scores;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them, the same in every locale. */
public final class Numbers {
    private static final MathContext FOUR_DIGITS = new MathContext(4);
    /** Digits of a value however small its error is: more cannot be read. */
    private static final int MOST_DIGITS = 6;
    /** From here on, and below the next, numbers are written with a power of ten. */
    private static final double LARGE = 1e5;

    private static final double SMALL = 1e-3;

    private Numbers() {}

    /**
     * A value and its error, to be joined by "±".
     *
     * @param value the value, to the last digit that the error leaves it
     * @param error the error, with two digits; empty if it is not known
     * @param unit the unit of both, with the space before it; may be empty
     */
    public record Measured(String value, String error, String unit) {
        /**
         * As one text, the unit once.
         *
         * @return the text
         */
        public String text() {
            return value + (error.isEmpty() ? "" : " ± " + error) + unit;
        }
    }

    /**
     * Four significant digits; "6.216e5" from 100,000 on and below 0.001; "-" for NaN, "inf" for infinity.
     *
     * @param value any number
     * @return the text
     */
    public static String plain(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value != 0 && isFar(Math.abs(value))) {
            return power(new BigDecimal(value).round(FOUR_DIGITS), 3);
        }
        BigDecimal rounded = new BigDecimal(value).round(FOUR_DIGITS);
        return rounded.setScale(Math.max(0, Math.min(rounded.scale(), 6)), RoundingMode.HALF_EVEN)
                .toPlainString();
    }

    /**
     * A number without needless zeros, in a text.
     *
     * @param value a finite number
     * @return the text
     */
    public static String tick(double value) {
        return tick(value, new Range(0, value));
    }

    /**
     * A tick of an axis that shows a range: digits enough to tell it from the next, and no needless zeros.
     *
     * @param value where the tick is
     * @param shown the axis
     * @return the text
     */
    public static String tick(double value, Range shown) {
        double size = Math.abs(value);
        // Adding steps up to zero leaves 1e-17.
        if (size <= 1e-9 * Math.abs(shown.high() - shown.low())) {
            return "0";
        }
        double more = Math.max(0, Math.ceil(Math.log10(size / Math.abs(shown.high() - shown.low()))));
        BigDecimal rounded = new BigDecimal(value)
                .round(new MathContext(4 + (int) Math.min(12, more)))
                .stripTrailingZeros();
        return size < 1e-4 || size >= LARGE ? power(rounded, rounded.precision() - 1) : rounded.toPlainString();
    }

    /**
     * A value to the digits that its error leaves it: 0.532 ± 0.012, 6.2e5 ± 5.5e5. A value far above its error has six
     * digits.
     */
    static Measured measured(double value, double error, String unit) {
        if (!Double.isFinite(value) || !Double.isFinite(error)) {
            return new Measured(plain(value), "", Double.isNaN(value) ? "" : unit);
        }
        if (error <= 0) {
            return new Measured(plain(value), "0", unit);
        }
        BigDecimal twoDigits = new BigDecimal(error).round(new MathContext(2));
        BigDecimal roundedError = twoDigits.setScale(twoDigits.scale() + 2 - twoDigits.precision());
        BigDecimal rounded = new BigDecimal(value).setScale(roundedError.scale(), RoundingMode.HALF_EVEN);
        if (rounded.precision() > MOST_DIGITS) {
            rounded = rounded.round(new MathContext(MOST_DIGITS));
        }
        if (isFar(Math.max(Math.abs(value), error))) {
            return new Measured(
                    rounded.signum() == 0 ? "0" : power(rounded, rounded.precision() - 1),
                    power(roundedError, 1),
                    unit);
        }
        return new Measured(places(rounded), places(roundedError), unit);
    }

    private static boolean isFar(double size) {
        return size < SMALL || size >= LARGE;
    }

    /** Rounding to tens or hundreds leaves a negative scale, which is not to be seen. */
    private static String places(BigDecimal number) {
        return number.setScale(Math.max(0, number.scale()), RoundingMode.UNNECESSARY)
                .toPlainString();
    }

    private static String power(BigDecimal number, int decimals) {
        int exponent = number.precision() - number.scale() - 1;
        BigDecimal mantissa = number.movePointLeft(exponent).setScale(decimals, RoundingMode.HALF_EVEN);
        return mantissa.toPlainString() + "e" + exponent;
    }

    /**
     * A tick of an axis of fractions, as a percentage.
     *
     * @param fraction 1 is all
     * @return the text
     */
    public static String percentTick(double fraction) {
        return tick(100 * fraction, new Range(0, 100)) + " %";
    }

    /**
     * A fraction as a percentage with one decimal.
     *
     * @param fraction 1 is all
     * @return the text
     */
    public static String percent(double fraction) {
        return Double.isFinite(fraction) ? String.format(Locale.ROOT, "%.1f %%", 100 * fraction) : plain(fraction);
    }

    /** Seconds with their unit. */
    static String seconds(double seconds) {
        return Double.isFinite(seconds) ? plain(seconds) + " s" : plain(seconds);
    }
}
