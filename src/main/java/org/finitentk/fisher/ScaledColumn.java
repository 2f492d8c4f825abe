package org.finitentk.fisher;

/**
 * One vector of a block, times a power of two that brings it within the range of single precision, in which networks
 * run: F is linear, and a power of two rounds nothing.
 *
 * @param position its column
 * @param exponent the vector is values times two to this power
 * @param values finite, of moderate size
 */
record ScaledColumn(int position, int exponent, double[] values) {
    /** Vectors whose largest element is within two to the power of ± this are left as they are. */
    private static final int MODERATE = 24;

    /** Takes a column out of a row-major block; refuses NaN and infinity. */
    static ScaledColumn of(double[] block, int columns, int position) {
        double[] values = new double[block.length / columns];
        double largest = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] = block[i * columns + position];
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException("element " + i + " of vector " + position + " is " + values[i]
                        + "; a Fisher product needs finite numbers, so look for what overflowed before it");
            }
            largest = Math.max(largest, Math.abs(values[i]));
        }
        int exponent = largest == 0 || Math.abs(Math.getExponent(largest)) <= MODERATE ? 0 : Math.getExponent(largest);
        for (int i = 0; exponent != 0 && i < values.length; i++) {
            values[i] = Math.scalb(values[i], -exponent);
        }
        return new ScaledColumn(position, exponent, values);
    }

    boolean isZero() {
        for (double value : values) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    /** Writes the vector's product to its column, at its own scale. */
    void restore(double[] product, double[] block, int columns) {
        for (int i = 0; i < product.length; i++) {
            block[i * columns + position] = exponent == 0 ? product[i] : Math.scalb(product[i], exponent);
        }
    }
}
