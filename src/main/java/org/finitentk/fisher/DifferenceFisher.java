package org.finitentk.fisher;

import org.finitentk.fisher.FisherOperator.Difference;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;

/** F v ≈ g(θ + εv) / ε, or (g(θ + εv) − g(θ − εv)) / 2ε, with g the gradient of the divergence. */
final class DifferenceFisher extends FisherOperator {
    private final Difference difference;
    private final Divergence divergence;
    private final StepLength steps;

    DifferenceFisher(LinearizedNetwork network, Examples examples, Likelihood likelihood, Difference difference) {
        super(network, examples, likelihood);
        this.difference = difference;
        this.divergence = new Divergence(network, examples, likelihood);
        this.steps = new StepLength(
                divergence, network.elementType() == ElementType.DOUBLE ? Math.ulp(1.0) / 2 : Math.ulp(1f) / 2);
    }

    @Override
    double[][] products(double[][] vectors) {
        double[][] products = new double[vectors.length][];
        for (int i = 0; i < vectors.length; i++) {
            products[i] = product(vectors[i], steps.of(vectors[i], difference));
        }
        return products;
    }

    /** The product by a given step. */
    double[] product(double[] v, double epsilon) {
        if (difference == Difference.FORWARD) {
            return divergence.gradient(v, epsilon, 1 / epsilon);
        }
        double[] product = divergence.gradient(v, epsilon, 0.5 / epsilon);
        double[] behind = divergence.gradient(v, -epsilon, -0.5 / epsilon);
        Vectors.add(product, 1, behind);
        return product;
    }
}
