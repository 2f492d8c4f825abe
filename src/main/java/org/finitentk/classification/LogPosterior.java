package org.finitentk.classification;

import java.util.List;
import org.finitentk.internal.linalg.LinearOperator;
import org.finitentk.internal.linalg.VectorBlock;
import org.finitentk.internal.linalg.Vectors;

/**
 * log p(y | w) + log p(w) of all training examples in weight space, up to a constant: Σ ω log p(y | m + J w) − ½
 * ‖w‖²/λ. Concave, since the logits are linear in w. Neither J nor a matrix of weights is ever made.
 *
 * @param jacobian the linear part of the logits at n examples
 * @param targets their labels
 * @param prior the prior logits m, n × C
 * @param lambda λ
 */
record LogPosterior(LogitJacobian jacobian, LabelTargets targets, double[] prior, double lambda) {
    /** J w, n × C. */
    double[] product(double[] w) {
        return jacobian.product(w);
    }

    double[] logits(double[] w) {
        return sum(prior, 1, product(w));
    }

    double value(double[] w, double[] logits) {
        return targets.logLikelihood(logits) - 0.5 * Vectors.dot(w, w) / lambda;
    }

    /** λ times the gradient: λ Jᵀ ω(t − ∇A) − w. */
    double[] scaledGradient(double[] w, double[] logits) {
        double[] gradient = jacobian.transposed(targets.residuals(logits));
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = lambda * gradient[i] - w[i];
        }
        return gradient;
    }

    /** Some weights as the end of a search. */
    MapFit at(double[] w, List<Double> history, int steps) {
        double[] logits = logits(w);
        double[] last = scaledGradient(w, logits);
        double[] first = scaledGradient(new double[w.length], prior);
        double relative = Math.sqrt(Vectors.dot(last, last) / Math.max(Double.MIN_NORMAL, Vectors.dot(first, first)));
        return new MapFit(w, logits, value(w, logits), relative, history, steps, true);
    }

    /** −λ times the Hessian at some logits, I + λ Jᵀ H J: the prior and an exact Fisher product. */
    LinearOperator scaledPrecision(double[] logits) {
        LinearOperator curvature = scaledCurvature(logits);
        return new LinearOperator() {
            @Override
            public int size() {
                return curvature.size();
            }

            @Override
            public void multiply(double[] v, int columns, double[] y) {
                curvature.multiply(v, columns, y);
                Vectors.add(y, 1, v);
            }
        };
    }

    /** λ Jᵀ H J. */
    LinearOperator scaledCurvature(double[] logits) {
        double[] means = targets.means(logits);
        int size = Math.toIntExact(jacobian.weightCount());
        return new LinearOperator() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public void multiply(double[] v, int columns, double[] y) {
                double[][] products = jacobian.products(new VectorBlock(v, columns).split());
                for (double[] product : products) {
                    targets.multiplyHessians(means, product);
                }
                double[][] results = jacobian.transposed(products);
                for (int j = 0; j < columns; j++) {
                    for (int i = 0; i < size; i++) {
                        y[i * columns + j] = lambda * results[j][i];
                    }
                }
            }
        };
    }

    static double[] sum(double[] a, double factor, double[] b) {
        double[] sum = a.clone();
        Vectors.add(sum, factor, b);
        return sum;
    }
}
