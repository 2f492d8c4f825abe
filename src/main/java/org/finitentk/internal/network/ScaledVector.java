package org.finitentk.internal.network;

import org.finitentk.onnx.ElementType;

/**
 * A tangent or cotangent times a power of two that brings it within the range of single precision: products are linear
 * in it, and a power of two rounds nothing.
 *
 * @param values the vector's own elements where that range is not left
 * @param exponent the vector is values times two to this power
 */
record ScaledVector(double[] values, int exponent) {
    /** Vectors whose largest element is within two to the power of ± this are left as they are. */
    private static final int MODERATE = 24;

    static ScaledVector of(double[] vector, ElementType type) {
        double largest = 0;
        for (double value : vector) {
            largest = Math.max(largest, Math.abs(value));
        }
        boolean asIs = type == ElementType.DOUBLE
                || largest == 0
                || !Double.isFinite(largest)
                || Math.abs(Math.getExponent(largest)) <= MODERATE;
        return asIs
                ? new ScaledVector(vector, 0)
                : new ScaledVector(scaled(vector.clone(), -Math.getExponent(largest)), Math.getExponent(largest));
    }

    static ScaledVector[] all(double[][] vectors, ElementType type) {
        ScaledVector[] scaled = new ScaledVector[vectors.length];
        for (int j = 0; j < scaled.length; j++) {
            scaled[j] = of(vectors[j], type);
        }
        return scaled;
    }

    /** The vector's product, in the place of that of the values. */
    double[] restore(double[] product) {
        return scaled(product, exponent);
    }

    private static double[] scaled(double[] vector, int exponent) {
        for (int i = 0; exponent != 0 && i < vector.length; i++) {
            vector[i] = Math.scalb(vector[i], exponent);
        }
        return vector;
    }
}
