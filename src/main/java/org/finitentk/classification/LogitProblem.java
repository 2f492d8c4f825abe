package org.finitentk.classification;

import org.finitentk.internal.kernel.KernelTiles;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;

/**
 * What is to be inferred from.
 *
 * @param map from weights to logits
 * @param jacobian at the training examples, for all weight-space methods and all λ that are tried
 * @param targets labels and weights of examples
 * @param priorLogits the training logits before anything was learned
 * @param settings the choices
 * @param progress who is told how far inference is
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares problems.
record LogitProblem(
        LogitMap map,
        LogitJacobian jacobian,
        LabelTargets targets,
        double[] priorLogits,
        ClassificationSettings settings,
        ProgressListener progress) {
    /** Examples whose kernel gives the automatic prior variance. */
    private static final int SCALE_EXAMPLES = 256;

    Examples x() {
        return jacobian.examples();
    }

    /** The same with other choices. */
    LogitProblem with(ClassificationSettings others) {
        return new LogitProblem(map, jacobian, targets, priorLogits, others, progress);
    }

    LogPosterior posterior(double lambda) {
        return new LogPosterior(jacobian, targets, priorLogits, lambda);
    }

    Batches batches() {
        return new Batches(
                map,
                x(),
                targets,
                priorLogits,
                Math.min(targets.size(), settings.method().stochastic().batchSize()));
    }

    /**
     * 1 over the average of the kernel's diagonal: logits then vary by 1 under the prior. An example of weight 2 counts
     * like two here, too.
     */
    double moderateVariance() {
        int examples = Math.min(x().size(), SCALE_EXAMPLES);
        double[] diagonal = new KernelTiles(map.network()).diagonal(x().slice(0, examples), map.outputs());
        double sum = 0;
        double total = 0;
        for (int row = 0; row < diagonal.length; row++) {
            double weight = targets.weights()[row / (diagonal.length / examples)];
            sum += weight * diagonal[row];
            total += weight;
        }
        return sum > 0 ? total / sum : Double.POSITIVE_INFINITY;
    }
}
