package org.finitentk.internal.network;

import java.util.Arrays;
import org.finitentk.network.Examples;
import org.finitentk.network.NotFiniteException;
import org.jspecify.annotations.Nullable;

/**
 * Outputs and products of an open network: arguments that do not fit are refused before any run, and products that are
 * not finite after it.
 */
final class CheckedProducts {
    private final OpenNetwork network;

    CheckedProducts(OpenNetwork network) {
        this.network = network;
    }

    /** f. */
    double[] forward(Examples x) {
        network.requireFit(x);
        return isAlone(x, Product.FORWARD) ? first(forward(repeated(x))) : outputs(x, Product.FORWARD, null);
    }

    /** f as the graph of a product computes it; the vector is the tangent or cotangent that the product multiplies. */
    double[] outputs(Examples x, Product product, double @Nullable [] vector) {
        network.requireFit(x);
        double[][] f = new double[1][];
        network.use(() -> f[0] = ChunkedProducts.plain(network, x, product).outputs(x, product, vector));
        return f[0];
    }

    /**
     * Whether an example would go through alone where weights or tangents are inputs of the graph: ONNX Runtime
     * multiplies one row by a matrix that is no constant in another order than several, so that a prediction of one
     * example would differ from the same in a batch. With this, most are the same to the last bit, and the others to a
     * relative 1e-6 of the largest in single precision: how its kernels round can depend on an example's place in the
     * batch.
     */
    private boolean isAlone(Examples x, Product product) {
        return x.size() == 1 && !network.batching().isFixed() && (product == Product.JVP || network.isMoved());
    }

    /** The same example in a batch as small as behaves like a large one, of which the first is meant. */
    private static Examples repeated(Examples x) {
        return x.select(0, 0, 0, 0);
    }

    private double[] first(double[] ofAll) {
        return Arrays.copyOf(ofAll, network.outputSize());
    }

    /**
     * J v.
     *
     * @param f gets the network's outputs, if it is not null
     */
    double[] jvp(Examples x, double[] v, double @Nullable [] f) {
        requireTangents(v);
        network.requireFit(x);
        if (isAlone(x, Product.JVP)) {
            double[] ofAll = f == null ? null : new double[4 * f.length];
            double[] product = first(jvp(repeated(x), v, ofAll));
            if (f != null && ofAll != null) {
                System.arraycopy(ofAll, 0, f, 0, f.length);
            }
            return product;
        }
        double[][] product = new double[1][];
        network.use(() ->
                product[0] = ChunkedProducts.plain(network, x, Product.JVP).jvp(x, new double[][] {v}, f)[0]);
        return requireFinite(product[0], x, v);
    }

    /** J v for each tangent. */
    double[][] jvp(Examples x, double[][] vs) {
        requireTangents(vs);
        network.requireFit(x);
        if (isAlone(x, Product.JVP)) {
            return Arrays.stream(jvp(repeated(x), vs)).map(this::first).toArray(double[][]::new);
        }
        double[][] products = new double[vs.length][];
        network.use(() -> {
            ChunkedProducts block = vs.length > 1 ? ChunkedProducts.staged(network, x, Product.JVP, vs.length) : null;
            double[][] all = block == null ? null : block.jvp(x, vs, null);
            for (int i = 0; i < vs.length; i++) {
                products[i] = all == null ? jvp(x, vs[i], null) : requireFinite(all[i], x, vs[i]);
            }
        });
        return products;
    }

    /** Jᵀ u. */
    double[] vjp(Examples x, double[] u) {
        return requireFiniteTransposed(unchecked(x, u), x, u);
    }

    /** Jᵀ u, whatever its numbers. */
    double[] unchecked(Examples x, double[] u) {
        requireCotangents(x, u);
        network.requireFit(x);
        double[][] product = new double[1][];
        network.use(() ->
                product[0] = ChunkedProducts.plain(network, x, Product.VJP).vjp(x, new double[][] {u})[0]);
        return product[0];
    }

    /** Jᵀ u for each cotangent. */
    double[][] vjp(Examples x, double[][] us) {
        requireCotangents(x, us);
        network.requireFit(x);
        double[][] products = new double[us.length][];
        network.use(() -> {
            ChunkedProducts block = us.length > 1 ? ChunkedProducts.staged(network, x, Product.VJP, us.length) : null;
            double[][] all = block == null ? null : block.vjp(x, us);
            for (int i = 0; i < us.length; i++) {
                products[i] = all == null ? vjp(x, us[i]) : requireFiniteTransposed(all[i], x, us[i]);
            }
        });
        return products;
    }

    void requireTangents(double[]... vs) {
        for (double[] v : vs) {
            OpenNetwork.requireLength("tangent", v, network.parameterCount());
        }
    }

    void requireCotangents(Examples x, double[]... us) {
        for (double[] u : us) {
            OpenNetwork.requireLength("cotangent", u, network.resultLength(x));
        }
    }

    /** Outputs, if they are finite. */
    double[] requireFiniteOutputs(double[] outputs, Examples x) {
        int at = NotFinite.first(outputs);
        if (at >= 0) {
            throw blame(x).output(at / network.outputSize(), at % network.outputSize(), outputs[at]);
        }
        return outputs;
    }

    /** Predictions, if they are finite. */
    double[] requireFinitePredictions(double[] predictions, Examples x) {
        int at = NotFinite.first(predictions);
        if (at >= 0) {
            requireFiniteOutputs(forward(x), x);
            throw new NotFiniteException("the prediction of example " + x.position(at / (predictions.length / x.size()))
                    + " is " + predictions[at] + ", although the outputs of network '"
                    + network.graphs().name() + "' are finite; look for extreme features in that example");
        }
        return predictions;
    }

    /** J v of finite v, or who makes it otherwise. */
    double[] requireFinite(double[] jv, Examples x, double[] v) {
        int at = NotFinite.first(jv);
        if (at >= 0 && NotFinite.first(v) < 0) {
            double[] scaled = ScaledVector.of(v, network.elementType()).values();
            throw blame(x).product(at / network.outputSize(), Product.JVP, scaled);
        }
        return jv;
    }

    /** Jᵀ u of finite u, or who makes it otherwise. */
    double[] requireFiniteTransposed(double[] product, Examples x, double[] u) {
        if (NotFinite.first(product) >= 0 && NotFinite.first(u) < 0) {
            throw blame(x).transposed(ScaledVector.of(u, network.elementType()).values(), this::unchecked);
        }
        return product;
    }

    /** Finds out who makes something not finite. */
    NotFinite blame(Examples x) {
        return new NotFinite(network, x, this::forward);
    }
}
