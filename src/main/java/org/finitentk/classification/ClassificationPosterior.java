package org.finitentk.classification;

import org.finitentk.internal.tribuo.ExampleWeights;
import org.finitentk.internal.util.Settings;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.LinearizedNetwork.Linearized;
import org.finitentk.network.ProgressListener;
import org.finitentk.protos.ClassPosteriorProto;
import org.jspecify.annotations.Nullable;

/**
 * The posterior of a linearized network's weights under a softmax likelihood, or a Bernoulli one where the network has
 * one logit for two classes: logits f(x) = m(x) + J(x) w with w ~ N(0, λI) before the data (Maddox et al., "Fast
 * Adaptation with Linearized Neural Networks", AISTATS 2021, section 3; for the linearized network as a model of its
 * own Immer, Korzepa, Bauer 2021, "Improving predictions of Bayesian neural nets via local linearization"). Immutable
 * but for draws that are kept; safe for use from several threads.
 */
public final class ClassificationPosterior {
    /** Numbers that examples may take at once while covariances are computed. */
    private static final long COVARIANCE_NUMBERS = 1L << 25;

    private final Likelihood likelihood;
    private final LogitMap map;
    private final PriorMean prior;
    private final InferredWeights inferred;
    private final WeightPosterior weights;
    private final ClassificationSettings settings;
    private final PriorSpread spread;
    private final OppositeDraws draws;
    private final ExpectedProbabilities expected;

    ClassificationPosterior(
            Likelihood likelihood,
            LogitMap map,
            PriorMean prior,
            InferredWeights inferred,
            ClassificationSettings settings,
            PriorSpread spread) {
        this.likelihood = likelihood;
        this.map = map;
        this.prior = prior;
        this.inferred = inferred;
        this.weights = inferred.weights();
        this.settings = settings;
        this.spread = spread;
        ClassificationSettings.Predictions predictions = settings.predictions();
        this.expected = new ExpectedProbabilities(likelihood, predictions.samples(), settings.seed());
        this.draws = new OppositeDraws(likelihood, map, weights, predictions.samples(), settings.seed());
    }

    /**
     * Classes of training examples.
     *
     * @param classes the class of each example, 0 to count − 1
     * @param count C, at least 1; some may have no example
     */
    public record Labels(int[] classes, int count) {}

    /**
     * Infers the weights.
     *
     * @param network the linearized network
     * @param x n training examples
     * @param labels the class of each; under MATCHED, class c is network output c, and where two classes have one
     *     output, that is the log odds of class 1
     * @param exampleWeights a weight of at least 0 for each example, which counts like so many examples, 0 to leave it
     *     out; null for 1
     * @param settings the choices
     * @param progress told how far it is
     * @return the posterior
     * @throws IllegalArgumentException if the data does not fit the network or the settings, a label or weight is out
     *     of range, or what was asked for does not fit into memory
     */
    public static ClassificationPosterior fit(
            LinearizedNetwork network,
            Examples x,
            Labels labels,
            double @Nullable [] exampleWeights,
            ClassificationSettings settings,
            ProgressListener progress) {
        boolean one = labels.count() == 2
                && network.outputSize() == 1
                && settings.outputs().structure() != ClassStructure.SHARED;
        Likelihood likelihood = one ? new BernoulliLikelihood() : new SoftmaxLikelihood(labels.count());
        double[] weights = LabelTargets.weights(exampleWeights, labels.classes().length);
        return fit(
                network, x, LabelTargets.ofGiven(likelihood, labels.classes(), x.size(), weights), settings, progress);
    }

    /**
     * Infers the weights from labels of which an example may have several, or none: logit c is the log odds of label c,
     * whatever the others are.
     *
     * @param network the linearized network
     * @param x n training examples
     * @param labels which labels each example has, n rows of as many labels, at least one; under MATCHED, label c is
     *     network output c
     * @param exampleWeights a weight of at least 0 for each example; null for 1
     * @param settings the choices
     * @param progress told how far it is
     * @return the posterior
     * @throws IllegalArgumentException if the data does not fit the network or the settings, a weight is out of range,
     *     or what was asked for does not fit into memory
     */
    public static ClassificationPosterior fit(
            LinearizedNetwork network,
            Examples x,
            boolean[][] labels,
            double @Nullable [] exampleWeights,
            ClassificationSettings settings,
            ProgressListener progress) {
        LabelTargets targets =
                LabelTargets.ofGiven(labels, x.size(), LabelTargets.weights(exampleWeights, labels.length));
        return fit(network, x, targets, settings, progress);
    }

    /** Without the examples of weight 0. */
    static ClassificationPosterior fit(
            LinearizedNetwork network,
            Examples x,
            LabelTargets targets,
            ClassificationSettings settings,
            ProgressListener progress) {
        int[] counted = ExampleWeights.counted(targets.weights(), x.size());
        return counted.length == x.size()
                ? ClassificationFit.fit(network, x, targets, settings, progress)
                : ClassificationFit.fit(network, x.select(counted), targets.select(counted), settings, progress);
    }

    /** The same posterior on another handle of the same network. */
    ClassificationPosterior on(LinearizedNetwork network) {
        if (network == map.network()) {
            return this;
        }
        return new ClassificationPosterior(
                likelihood, new LogitMap(network, map.outputs(), map.classes()), prior, inferred, settings, spread);
    }

    /**
     * The same posterior with other predictions.
     *
     * @param rule how logits become probabilities
     * @param samples draws of logits for EXPECTED, of weights for MONTE_CARLO; 0 for as many as it takes
     * @return a posterior on the same network
     */
    public ClassificationPosterior withProbabilities(ClassProbabilities rule, int samples) {
        return new ClassificationPosterior(
                likelihood, map, prior, inferred, settings.withProbabilities(rule, samples), spread);
    }

    /**
     * The logits' posterior mean m + J ŵ, by one Jacobian-vector product a weight vector.
     *
     * @param z examples
     * @return m × C
     */
    public double[] logitMean(Examples z) {
        if (prior.kind() == PriorLogits.NETWORK && !map.isShared()) {
            // One run gives both.
            Linearized both = map.network().linearized(z, weights.mean());
            return LogPosterior.sum(both.outputs(), 1, both.products());
        }
        return LogPosterior.sum(prior.of(map, z), 1, map.product(z, weights.mean()));
    }

    /**
     * The covariance of each example's logits.
     *
     * @param z m examples
     * @return m × C × C, each block symmetric and positive semidefinite up to rounding; zeros for {@link Inference#MAP}
     */
    public double[] logitCovariance(Examples z) {
        int block = map.classes() * map.classes();
        double[] all = new double[Math.multiplyExact(z.size(), block)];
        int chunk =
                (int) Math.max(1, Math.min(z.size(), COVARIANCE_NUMBERS / Math.max(1, weights.numbersPerExample(map))));
        for (int from = 0; from < z.size(); from += chunk) {
            double[] some = weights.covariance(map, z.slice(from, Math.min(z.size(), from + chunk)))
                    .values();
            System.arraycopy(some, 0, all, from * block, some.length);
        }
        return all;
    }

    /**
     * Class probabilities by the rule that is in force.
     *
     * @param z m examples
     * @return m × C, each row positive and of sum 1 up to rounding, finite whatever the logits; for labels of which an
     *     example may have several, the probability of each
     */
    public double[] probabilities(Examples z) {
        double[] probabilities =
                switch (rule()) {
                    case PLUG_IN -> likelihood.probabilities(logitMean(z));
                    case PROBIT -> probit(z);
                    case EXPECTED -> expected.of(logitMean(z), logitCovariance(z));
                    default -> draws.probabilities(z, logitMean(z));
                };
        return GivenClasses.settled(likelihood, probabilities);
    }

    /**
     * Probabilities by the rule that is in force, given that it is one of some classes, if it can be one only.
     *
     * @param z m examples
     * @param some classes, ascending
     * @return m × so many, each row of sum 1 up to rounding, if it can be one only
     */
    double[] probabilities(Examples z, int[] some) {
        double[] all = probabilities(z);
        return some.length == classes()
                ? all
                : new GivenClasses(likelihood, some).of(all, i -> logitMean(z.slice(i, i + 1)));
    }

    private double[] probit(Examples z) {
        double[] logits = logitMean(z);
        double[] covariance = logitCovariance(z);
        int c = map.classes();
        for (int row = 0; row < logits.length; row++) {
            logits[row] /= Math.sqrt(1 + Math.PI / 8 * Math.max(0, covariance[row * c + row % c]));
        }
        return likelihood.probabilities(logits);
    }

    /**
     * How logits become probabilities.
     *
     * @return never AUTO; EXPECTED only where it is what predictions do
     */
    public ClassProbabilities rule() {
        ClassProbabilities asked = settings.predictions().probabilities();
        if (asked != ClassProbabilities.AUTO && asked != ClassProbabilities.EXPECTED) {
            return asked;
        }
        if (settings.method().inference() == Inference.MAP) {
            return ClassProbabilities.PLUG_IN;
        }
        return asked == ClassProbabilities.EXPECTED && weights.hasQuickCovariance(map)
                ? ClassProbabilities.EXPECTED
                : ClassProbabilities.MONTE_CARLO;
    }

    /**
     * The number of classes.
     *
     * @return C
     */
    public int classes() {
        return likelihood.classes();
    }

    /**
     * λ, given or learned.
     *
     * @return the prior variance of a weight
     */
    public double priorVariance() {
        return weights.lambda();
    }

    /**
     * The logits before anything was learned.
     *
     * @return ZERO, FREQUENCIES or NETWORK
     */
    public PriorLogits priorLogits() {
        return prior.kind();
    }

    /**
     * How classes relate to network outputs.
     *
     * @return MATCHED or SHARED
     */
    public ClassStructure structure() {
        return map.isShared() ? ClassStructure.SHARED : ClassStructure.MATCHED;
    }

    /**
     * The settings of the fit.
     *
     * @return as they were given, but with the inference that AUTO was
     */
    public ClassificationSettings settings() {
        return settings;
    }

    /**
     * How inference went.
     *
     * @return objective, steps, solver
     */
    public Inference.Report report() {
        return inferred.report();
    }

    /**
     * The posterior mean ŵ of the weights.
     *
     * @return a copy; P numbers, under SHARED P for each class, one class after the other
     */
    public double[] weights() {
        return weights.mean().clone();
    }

    /**
     * Draws weights from the posterior, those that MONTE_CARLO predictions average over: each of even number and the
     * next are opposite, ŵ + d and ŵ − d.
     *
     * @param count how many, at least 1
     * @return count vectors like {@link #weights()}; the first ones are the same for any count
     * @throws IllegalArgumentException if the count is less than 1, or they do not fit into memory
     */
    public double[][] sampleWeights(int count) {
        Settings.requireAtLeast("count", count, 1);
        map.requireWeights("drawing weights", 2L * count);
        double[][] deviations = weights.deviations(map, 0, (count + 1) / 2, settings.seed());
        double[][] drawn = new double[count][];
        for (int s = 0; s < count; s++) {
            drawn[s] = LogPosterior.sum(weights.mean(), s % 2 == 0 ? 1 : -1, deviations[s / 2]);
        }
        return drawn;
    }

    @Override
    public String toString() {
        return "ClassificationPosterior(classes=" + classes() + ", inference="
                + settings.method().inference() + ", structure=" + structure() + ", priorLogits=" + priorLogits()
                + ", priorVariance=" + priorVariance() + ")";
    }

    Likelihood likelihood() {
        return likelihood;
    }

    PriorSpread spread() {
        return spread;
    }

    PriorMean prior() {
        return prior;
    }

    WeightPosterior posteriorWeights() {
        return weights;
    }

    LogitMap map() {
        return map;
    }

    /**
     * This posterior for storing, without the network.
     *
     * @throws IllegalStateException if it would have more than 2 GiB, with the estimate
     */
    ClassPosteriorProto toProto() {
        return StoredClassPosterior.write(this);
    }

    /**
     * Reads a stored posterior, which predicts the same bit for bit.
     *
     * @param proto what {@link #toProto()} gave
     * @param network the network that it was fitted on
     * @throws IllegalArgumentException if the message is damaged or does not fit the network
     */
    static ClassificationPosterior fromProto(ClassPosteriorProto proto, LinearizedNetwork network) {
        return StoredClassPosterior.read(proto, network);
    }
}
