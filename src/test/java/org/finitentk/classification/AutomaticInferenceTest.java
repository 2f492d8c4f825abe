package org.finitentk.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.finitentk.network.ProgressListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is inferred where nothing is asked for: it hangs on where the prior logits are from, and on sizes. */
final class AutomaticInferenceTest {
    private static final SmallProblem SMALL = SmallProblem.of(true);

    @AfterAll
    static void close() {
        SMALL.close();
    }

    private static ClassificationSettings settings(ClassStructure structure, PriorLogits prior) {
        return ClassificationSettings.DEFAULT.withStructure(structure, ClassificationSettings.SUM, prior);
    }

    private static InferenceChoice choice(ClassStructure structure, PriorLogits prior, int classes, int n) {
        return choice(structure, prior, new SoftmaxLikelihood(classes), n);
    }

    private static InferenceChoice choice(ClassStructure structure, PriorLogits prior, Likelihood likelihood, int n) {
        ClassificationSettings settings = settings(structure, prior);
        LogitMap map = ClassificationFit.map(SMALL.network(), likelihood, settings);
        double[] weights = new double[n];
        Arrays.fill(weights, 1);
        LabelTargets targets = likelihood.areExclusive()
                ? LabelTargets.of(likelihood, new int[n], weights)
                : LabelTargets.ofGiven(new boolean[n][likelihood.classes()], n, weights);
        return InferenceChoice.of(settings, map, prior, targets);
    }

    @Test
    void logitsOfTheNetworkAreApproximatedByLaplace() {
        for (int n : new int[] {10, 100_000}) {
            assertEquals(
                    Inference.LAPLACE,
                    choice(ClassStructure.MATCHED, PriorLogits.NETWORK, SmallProblem.CLASSES, n)
                            .inference());
        }
    }

    /** The small network has 43 weights, of which each class has its own: few enough at any number of examples. */
    @Test
    void unseenClassesHaveTheirFullCovarianceWhereThatIsQuick() {
        assertEquals(
                Inference.FULL_COVARIANCE,
                choice(ClassStructure.SHARED, PriorLogits.FREQUENCIES, 5, 100_000)
                        .inference());
        assertEquals(
                Inference.FULL_COVARIANCE,
                choice(ClassStructure.SHARED, PriorLogits.FREQUENCIES, 250, 8).inference());
        InferenceChoice many = choice(ClassStructure.SHARED, PriorLogits.FREQUENCIES, 250, 9);
        assertEquals(Inference.MAP, many.inference());
        assertTrue(many.reason().contains("matrices of 2250 rows"), many.reason());
    }

    /** 250 matrices of 300 rows are less work than one of 2,000, and those of 400 are more. */
    @Test
    void independentLabelsHaveAMatrixEach() {
        assertEquals(
                Inference.FULL_COVARIANCE,
                choice(ClassStructure.SHARED, PriorLogits.FREQUENCIES, new IndependentBernoulli(250), 300)
                        .inference());
        assertEquals(
                Inference.MAP,
                choice(ClassStructure.SHARED, PriorLogits.FREQUENCIES, new IndependentBernoulli(250), 400)
                        .inference());
    }

    @ParameterizedTest
    @EnumSource(Inference.class)
    void aPosteriorIsThatOfTheInferenceWhichWasChosen(Inference inference) {
        ClassificationSettings asked = settings(ClassStructure.SHARED, PriorLogits.ZERO);
        ClassificationPosterior posterior = fit(asked.with(inference));
        Inference expected = inference == Inference.AUTO ? Inference.FULL_COVARIANCE : inference;
        assertEquals(expected, posterior.settings().method().inference());
        assertEquals(
                inference == Inference.AUTO,
                posterior.report().reason().endsWith("by AUTO, since the prior logits are ZERO, not the network's"));
        if (inference == Inference.AUTO) {
            assertArrayEquals(
                    fit(asked.with(expected)).probabilities(SMALL.z()), posterior.probabilities(SMALL.z()), 0);
        }
    }

    @Test
    void aCovarianceSolverThatIsAskedForIsLaplaces() {
        assertEquals(
                Inference.LAPLACE,
                fit(SMALL.settings().with(Inference.AUTO)).settings().method().inference());
    }

    private static ClassificationPosterior fit(ClassificationSettings settings) {
        return ClassificationPosterior.fit(
                SMALL.network(),
                SMALL.x(),
                new ClassificationPosterior.Labels(SMALL.labels(), SmallProblem.CLASSES),
                null,
                settings,
                ProgressListener.NONE);
    }
}
