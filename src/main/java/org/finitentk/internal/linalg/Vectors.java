package org.finitentk.internal.linalg;

/** Sums and products of vectors on the Java heap, element by element from the first on. */
public final class Vectors {
    private Vectors() {}

    /**
     * The inner product of two vectors.
     *
     * @param a a vector
     * @param b of the same length or longer
     * @return aᵀb
     */
    public static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /**
     * The length of a vector.
     *
     * @param a a vector
     * @return ‖a‖
     */
    public static double norm(double[] a) {
        return Math.sqrt(dot(a, a));
    }

    /**
     * a += factor b.
     *
     * @param a changed
     * @param factor of b
     * @param b of the same length or longer
     */
    public static void add(double[] a, double factor, double[] b) {
        for (int i = 0; i < a.length; i++) {
            a[i] += factor * b[i];
        }
    }

    /**
     * a *= factor.
     *
     * @param a changed
     * @param factor of each element
     */
    public static void scale(double[] a, double factor) {
        for (int i = 0; i < a.length; i++) {
            a[i] *= factor;
        }
    }

    /**
     * log Σ exp over some elements, without overflow.
     *
     * @param values hold them
     * @param from index of the first
     * @param count how many
     * @return their largest plus at most log count
     */
    public static double logSumExp(double[] values, int from, int count) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = from; i < from + count; i++) {
            max = Math.max(max, values[i]);
        }
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += Math.exp(values[i] - max);
        }
        return max + Math.log(sum);
    }
}
