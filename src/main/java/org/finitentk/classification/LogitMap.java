package org.finitentk.classification;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.network.ProgressListener;

/**
 * The linear part of the logits, w ↦ J(x) w, and its transpose. Under MATCHED, J is the network's Jacobian and w has P
 * elements. Under SHARED, each class has P weights of its own, one class after the other, and the same row of the
 * Jacobian, which is that of one output or of the sum of all.
 *
 * @param network the linearized network
 * @param outputs all outputs under MATCHED, one combination under SHARED
 * @param classes C, how many logits an example has: one for each class, or a single one for two classes
 */
record LogitMap(LinearizedNetwork network, Outputs outputs, int classes) {
    /** Share of the heap that weight vectors may take. */
    private static final double HEAP_SHARE = 0.7;

    boolean isShared() {
        return outputs.count(network.outputSize()) == 1 && classes > 1;
    }

    /** Length of w. */
    long weightCount() {
        return isShared() ? Math.multiplyExact(network.parameterCount(), (long) classes) : network.parameterCount();
    }

    /** How many elements w has, if several vectors like it fit into memory. */
    int requireWeights(String what, long vectors) {
        long count = weightCount();
        double bytes = (double) Double.BYTES * count * vectors;
        if (!fits(vectors)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s needs %d vectors of %d weights (%d parameters%s), %.2f GiB, more than the heap of "
                            + "%.2f GiB allows; "
                            + "select fewer parameters with the backbone's include or exclude, use fewer "
                            + "samples, or give Java more memory (-Xmx)",
                    what,
                    vectors,
                    count,
                    network.parameterCount(),
                    isShared() ? " for each of " + classes + " classes" : "",
                    bytes / (1 << 30),
                    Runtime.getRuntime().maxMemory() / (double) (1 << 30)));
        }
        return (int) count;
    }

    /** Whether several vectors like w fit into memory. */
    boolean fits(long vectors) {
        return weightCount() <= Integer.MAX_VALUE - 8
                && (double) Double.BYTES * weightCount() * vectors
                        <= HEAP_SHARE * Runtime.getRuntime().maxMemory();
    }

    /** J w, n × C. */
    double[] product(Examples x, double[] w) {
        return products(x, new double[][] {w})[0];
    }

    /** J w for several w, each n × C. */
    double[][] products(Examples x, double[][] ws) {
        if (LogitRows.serve(this, ws.length)) {
            return new LogitRows(this, x, ProgressListener.NONE).products(ws);
        }
        return products(x.size(), vs -> network.jvp(x, vs), ws);
    }

    /** The same at examples of many products. */
    double[][] products(LinearizedExamples x, double[][] ws) {
        return products(x.examples().size(), vs -> x.jvp(vs), ws);
    }

    private double[][] products(int n, UnaryOperator<double[][]> jvp, double[][] ws) {
        if (!isShared()) {
            return matched(jvp.apply(ws));
        }
        int p = Math.toIntExact(network.parameterCount());
        double[][] results = new double[ws.length][Math.multiplyExact(n, classes)];
        for (int s = 0; s < ws.length; s++) {
            double[][] own = new double[classes][];
            for (int c = 0; c < classes; c++) {
                own[c] = Arrays.copyOfRange(ws[s], c * p, (c + 1) * p);
            }
            double[][] products = jvp.apply(own);
            for (int c = 0; c < classes; c++) {
                double[] column = outputs.of(products[c], network.outputSize());
                for (int i = 0; i < column.length; i++) {
                    results[s][i * classes + c] = column[i];
                }
            }
        }
        return results;
    }

    /** With one class only, a network of several outputs still gives one of them. */
    private double[][] matched(double[][] products) {
        return Arrays.stream(products)
                .map(product -> outputs.of(product, network.outputSize()))
                .toArray(double[][]::new);
    }

    /** Jᵀ u for u of n × C. */
    double[] transposed(Examples x, double[] u) {
        return transposed(x, new double[][] {u})[0];
    }

    /** Jᵀ u for several u. */
    double[][] transposed(Examples x, double[][] us) {
        if (LogitRows.serve(this, us.length)) {
            return new LogitRows(this, x, ProgressListener.NONE).transposed(us);
        }
        return transposed(x.size(), cotangents -> network.vjp(x, cotangents), us);
    }

    /** The same at examples of many products. */
    double[][] transposed(LinearizedExamples x, double[][] us) {
        return transposed(x.examples().size(), cotangents -> x.vjp(cotangents), us);
    }

    private double[][] transposed(int n, UnaryOperator<double[][]> vjp, double[][] us) {
        if (!isShared()) {
            return vjp.apply(Arrays.stream(us)
                    .map(u -> outputs.cotangents(u, network.outputSize()))
                    .toArray(double[][]::new));
        }
        int p = Math.toIntExact(network.parameterCount());
        double[][] results = new double[us.length][p * classes];
        for (int s = 0; s < us.length; s++) {
            double[][] cotangents = new double[classes][];
            for (int c = 0; c < classes; c++) {
                double[] column = new double[n];
                for (int i = 0; i < column.length; i++) {
                    column[i] = us[s][i * classes + c];
                }
                cotangents[c] = outputs.cotangents(column, network.outputSize());
            }
            double[][] products = vjp.apply(cotangents);
            for (int c = 0; c < classes; c++) {
                System.arraycopy(products[c], 0, results[s], c * p, p);
            }
        }
        return results;
    }
}
