package org.finitentk.classification;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.finitentk.internal.linalg.Cholesky;
import org.finitentk.internal.store.StoredExamples;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.internal.store.StoredNumbers;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.protos.ClassPosteriorProto;
import org.finitentk.protos.ClassificationSettingsProto;
import org.finitentk.protos.ClasswiseProto;
import org.finitentk.protos.InducedProto;
import org.finitentk.protos.InferenceReportProto;
import org.finitentk.protos.LowRankProto;
import org.finitentk.protos.SitesProto;
import org.finitentk.protos.WeightFactorProto;

/**
 * A {@link ClassificationPosterior} as a message and back. Every number is stored as it is, so that a loaded posterior
 * predicts the same bit for bit.
 */
final class StoredClassPosterior {
    /** Room for what surrounds the arrays in a message of 2 GiB. */
    private static final long MAX_BYTES = Integer.MAX_VALUE - (64L << 20);

    private StoredClassPosterior() {}

    static ClassPosteriorProto write(ClassificationPosterior posterior) {
        WeightPosterior weights = posterior.posteriorWeights();
        requireFits(weights);
        ClassPosteriorProto.Builder proto = ClassPosteriorProto.newBuilder()
                .setClasses(posterior.classes())
                .setLikelihood(posterior.likelihood().name())
                .setSettings(settings(posterior.settings()))
                .setPriorLogits(posterior.priorLogits().name())
                .setPriorConstants(StoredNumbers.write(posterior.prior().constants()))
                .setPriorVariance(weights.lambda())
                .setMean(StoredNumbers.write(weights.mean()))
                .setReport(report(posterior.report()));
        if (weights instanceof IndependentWeights independent) {
            proto.setDeviations(StoredNumbers.write(independent.deviations()));
        } else if (weights instanceof LowRankWeights lowRank) {
            proto.setLowRank(LowRankProto.newBuilder()
                    .setExplained(StoredNumbers.write(lowRank.explained()))
                    .addAllVectors(Arrays.stream(lowRank.vectors())
                            .map(StoredNumbers::write)
                            .toList()));
        } else if (weights instanceof SiteWeights sites) {
            proto.setSites(sites(sites));
        } else if (weights instanceof ClasswiseWeights classwise) {
            proto.setClasswise(classwise(classwise));
        } else if (weights instanceof FactoredWeights factored) {
            proto.setFactor(factor(factored.factor()));
        } else if (weights instanceof InducedWeights induced) {
            proto.setInduced(InducedProto.newBuilder()
                    .putAllExamples(StoredExamples.write(induced.basis().examples()))
                    .setBasis(StoredTriangle.write(induced.basis().factor()))
                    .setFactor(factor(induced.factor())));
        }
        return proto.build();
    }

    private static void requireFits(WeightPosterior weights) {
        double numbers = weights.mean().length;
        long bytes = 0;
        if (weights instanceof IndependentWeights) {
            numbers *= 2;
        } else if (weights instanceof LowRankWeights lowRank) {
            numbers *= 1 + lowRank.vectors().length;
        } else if (weights instanceof SiteWeights sites) {
            Cholesky factor = sites.cholesky();
            numbers +=
                    sites.root().values().length + (factor == null ? 0 : 0.5 * factor.size() * (factor.size() + 1.0));
            bytes = StoredExamples.bytes(sites.training());
        } else if (weights instanceof ClasswiseWeights classwise) {
            double n = classwise.training().size();
            numbers += classwise.curvature().own().length + 0.5 * n * (n + 3);
            bytes = StoredExamples.bytes(classwise.training());
        } else if (weights instanceof FactoredWeights factored) {
            numbers += 0.5 * factored.factor().columns().size() * (factored.mean().length + 1.0);
        } else if (weights instanceof InducedWeights induced) {
            double side = induced.factor().columns().size();
            double width = induced.basis().width();
            numbers += 0.5 * (side * (side + 2) + width * (width + 1));
            bytes = StoredExamples.bytes(induced.basis().examples());
        }
        if (numbers * Double.BYTES + bytes > MAX_BYTES) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "the model has %.2f GiB, most of it its weights' covariance; a stored model can have "
                            + "at most 2 GiB, so train on "
                            + "fewer examples, with a smaller rank, or by MEAN_FIELD or MAP",
                    (numbers * Double.BYTES + bytes) / (1 << 30)));
        }
    }

    private static SitesProto sites(SiteWeights sites) {
        SitesProto.Builder proto = SitesProto.newBuilder()
                .putAllTraining(StoredExamples.write(sites.training()))
                .setRoots(StoredNumbers.write(sites.root().values()));
        Cholesky factor = sites.cholesky();
        if (factor != null) {
            proto.setCholesky(StoredTriangle.write(factor));
        }
        return proto.build();
    }

    private static ClasswiseProto classwise(ClasswiseWeights weights) {
        int n = weights.training().size();
        double[] totals = weights.curvature().totals();
        ClasswiseProto.Builder proto = ClasswiseProto.newBuilder()
                .putAllTraining(StoredExamples.write(weights.training()))
                .setKernel(StoredTriangle.write(n, (i, j) -> weights.kernel()[i * n + j]))
                .setCurvatures(StoredNumbers.write(weights.curvature().own()));
        if (totals != null) {
            proto.setTotals(StoredNumbers.write(totals));
        }
        return proto.build();
    }

    private static WeightFactorProto factor(WeightFactor factor) {
        WeightColumns columns = factor.columns();
        return WeightFactorProto.newBuilder()
                .addAllOrder(Arrays.stream(columns.order()).boxed().toList())
                .addAllOwnEnds(Arrays.stream(columns.ownEnds()).boxed().toList())
                .setCholesky(StoredTriangle.write(factor.cholesky()))
                .build();
    }

    private static InferenceReportProto report(Inference.Report report) {
        return InferenceReportProto.newBuilder()
                .setObjective(report.objective())
                .setObjectiveError(report.objectiveError())
                .setHistory(StoredNumbers.write(report.history().stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray()))
                .setSteps(report.steps())
                .setConverged(report.converged())
                .setSolver(report.solver())
                .setReason(report.reason())
                .setGradient(report.gradient())
                .build();
    }

    private static Inference.Report report(InferenceReportProto proto) {
        List<Double> history = Arrays.stream(StoredNumbers.read("history", proto.getHistory()))
                .boxed()
                .toList();
        return new Inference.Report(
                proto.getObjective(),
                proto.getObjectiveError(),
                history,
                proto.getSteps(),
                proto.getConverged(),
                proto.getSolver(),
                proto.getReason(),
                proto.getGradient());
    }

    private static ClassificationSettingsProto settings(ClassificationSettings settings) {
        ClassificationSettings.Stochastic stochastic = settings.method().stochastic();
        ClassificationSettings.Covariance covariance = settings.method().covariance();
        return ClassificationSettingsProto.newBuilder()
                .setInference(settings.method().inference().name())
                .setStructure(settings.outputs().structure().name())
                .setSharedOutput(settings.outputs().shared())
                .setPriorLogits(settings.prior().logits().name())
                .setPriorVariance(settings.prior().variance())
                .setLearnPriorVariance(settings.prior().learned())
                .setMinimumPriorVariance(settings.prior().minimum())
                .setMapPrior(settings.prior().map().name())
                .setMapOptimizer(settings.method().mapOptimizer().name())
                .setEpochs(stochastic.epochs())
                .setBatchSize(stochastic.batchSize())
                .setLearningRate(stochastic.learningRate())
                .setDraws(stochastic.draws())
                .setEstimator(stochastic.estimator().name())
                .setMeanField(stochastic.meanField().name())
                .setSolver(covariance.solver().name())
                .setQuadratureDraws(covariance.quadratureDraws())
                .setProbes(covariance.probes())
                .setMaxSteps(covariance.maxSteps())
                .setTolerance(covariance.tolerance())
                .setRank(covariance.rank())
                .setSolveTolerance(covariance.solveTolerance())
                .setMostWeights(covariance.mostWeights())
                .setProbabilities(settings.predictions().probabilities().name())
                .setSamples(settings.predictions().samples())
                .setSeed(settings.seed())
                .build();
    }

    private static ClassificationSettings settings(ClassificationSettingsProto proto) {
        ClassificationSettings.Stochastic stochastic = new ClassificationSettings.Stochastic(
                proto.getEpochs(),
                proto.getBatchSize(),
                proto.getLearningRate(),
                proto.getDraws(),
                StoredModel.constant(GradientEstimator.class, proto.getEstimator()),
                constant(MeanFieldOptimizer.class, proto.getMeanField(), MeanFieldOptimizer.ADAM));
        ClassificationSettings.Covariance covariance = new ClassificationSettings.Covariance(
                StoredModel.constant(CovarianceSolver.class, proto.getSolver()),
                proto.getQuadratureDraws(),
                proto.getProbes(),
                proto.getMaxSteps(),
                proto.getTolerance(),
                proto.getRank(),
                proto.getSolveTolerance(),
                proto.getMostWeights());
        return new ClassificationSettings(
                new ClassificationSettings.Method(
                        StoredModel.constant(Inference.class, proto.getInference()),
                        StoredModel.constant(MapOptimizer.class, proto.getMapOptimizer()),
                        stochastic,
                        covariance),
                new ClassificationSettings.Outputs(
                        StoredModel.constant(ClassStructure.class, proto.getStructure()), proto.getSharedOutput()),
                new ClassificationSettings.Prior(
                        StoredModel.constant(PriorLogits.class, proto.getPriorLogits()),
                        proto.getPriorVariance(),
                        proto.getLearnPriorVariance(),
                        proto.getMinimumPriorVariance(),
                        constant(MapPrior.class, proto.getMapPrior(), MapPrior.GIVEN)),
                new ClassificationSettings.Predictions(
                        StoredModel.constant(ClassProbabilities.class, proto.getProbabilities()), proto.getSamples()),
                proto.getSeed());
    }

    /** Versions that did not store it had one rule only. */
    private static <E extends Enum<E>> E constant(Class<E> type, String stored, E before) {
        return stored.isEmpty() ? before : StoredModel.constant(type, stored);
    }

    static ClassificationPosterior read(ClassPosteriorProto proto, LinearizedNetwork network) {
        if (proto.getClasses() < 1) {
            throw new IllegalArgumentException(
                    "the stored posterior has " + proto.getClasses() + " classes; the model is damaged");
        }
        ClassificationSettings settings = settings(proto.getSettings());
        Likelihood likelihood = likelihood(proto, network);
        LogitMap map = ClassificationFit.map(network, likelihood, settings);
        PriorMean prior = new PriorMean(
                StoredModel.constant(PriorLogits.class, proto.getPriorLogits()),
                StoredNumbers.read("prior logits", proto.getPriorConstants(), likelihood.logits()));
        boolean possible = prior.kind() != PriorLogits.AUTO
                && (prior.kind() != PriorLogits.NETWORK || network.outputSize() == likelihood.logits());
        if (!possible || !(proto.getPriorVariance() > 0)) {
            throw new IllegalArgumentException("the stored posterior has prior logits " + prior.kind()
                    + " and the prior variance " + proto.getPriorVariance() + "; the model is damaged");
        }
        return new ClassificationPosterior(
                likelihood,
                map,
                prior,
                new InferredWeights(weights(proto, map, likelihood, settings), report(proto.getReport())),
                settings,
                PriorSpread.UNKNOWN);
    }

    /** Versions that stored none knew one only. */
    private static Likelihood likelihood(ClassPosteriorProto proto, LinearizedNetwork network) {
        return switch (proto.getLikelihood()) {
            case "", SoftmaxLikelihood.NAME -> new SoftmaxLikelihood(proto.getClasses());
            case BernoulliLikelihood.NAME -> {
                if (proto.getClasses() != 2 || network.outputSize() != 1) {
                    throw new IllegalArgumentException("the stored posterior has a likelihood of one logit, but "
                            + proto.getClasses() + " classes and a network of " + network.outputSize()
                            + " outputs; expected 2 and 1, so the model is damaged");
                }
                yield new BernoulliLikelihood();
            }
            case IndependentBernoulli.NAME -> new IndependentBernoulli(proto.getClasses());
            default ->
                throw new IllegalArgumentException("the stored posterior has the likelihood '" + proto.getLikelihood()
                        + "', which this version does not know; expected " + SoftmaxLikelihood.NAME + ", "
                        + BernoulliLikelihood.NAME + " or " + IndependentBernoulli.NAME
                        + ", so use the version that stored it");
        };
    }

    private static WeightPosterior weights(
            ClassPosteriorProto proto, LogitMap map, Likelihood likelihood, ClassificationSettings settings) {
        long count = map.weightCount();
        double lambda = proto.getPriorVariance();
        double[] mean = StoredNumbers.read("weights", proto.getMean(), count);
        return switch (proto.getCovarianceCase()) {
            case DEVIATIONS ->
                new IndependentWeights(mean, lambda, StoredNumbers.read("deviations", proto.getDeviations(), count));
            case LOW_RANK -> lowRank(proto.getLowRank(), mean, lambda);
            case SITES ->
                sites(proto.getSites(), map, mean, lambda, settings.method().covariance());
            case FACTOR ->
                new FactoredWeights(mean, lambda, factor(proto.getFactor(), map, Math.toIntExact(map.weightCount())));
            case CLASSWISE -> classwise(proto.getClasswise(), map, likelihood, mean, lambda);
            case INDUCED -> induced(proto.getInduced(), map, mean, lambda);
            case COVARIANCE_NOT_SET -> new PointWeights(mean, lambda);
        };
    }

    private static LowRankWeights lowRank(LowRankProto proto, double[] mean, double lambda) {
        double[] explained = StoredNumbers.read("eigenvalues", proto.getExplained(), proto.getVectorsCount());
        double[][] vectors = new double[explained.length][];
        for (int r = 0; r < vectors.length; r++) {
            vectors[r] = StoredNumbers.read("eigenvector", proto.getVectors(r), mean.length);
        }
        return new LowRankWeights(mean, lambda, explained, vectors);
    }

    private static InducedWeights induced(InducedProto proto, LogitMap map, double[] mean, double lambda) {
        Examples examples = StoredExamples.read(proto.getExamplesMap());
        map.network().requireFit(examples);
        int width = Math.multiplyExact(
                examples.size(), map.outputs().count(map.network().outputSize()));
        return new InducedWeights(
                mean,
                lambda,
                new InducingExamples(examples, StoredTriangle.cholesky(proto.getBasis(), width)),
                factor(proto.getFactor(), map, map.isShared() ? Math.multiplyExact(map.classes(), width) : width));
    }

    private static WeightFactor factor(WeightFactorProto proto, LogitMap map, int size) {
        WeightColumns columns = new WeightColumns(
                proto.getOrderList().stream().mapToInt(Integer::intValue).toArray(),
                proto.getOwnEndsList().stream().mapToInt(Integer::intValue).toArray(),
                map.isShared() ? 1 : map.classes());
        columns.requireFits(size, map.classes());
        return new WeightFactor(columns, StoredTriangle.cholesky(proto.getCholesky(), size));
    }

    private static SiteWeights sites(
            SitesProto proto, LogitMap map, double[] mean, double lambda, ClassificationSettings.Covariance settings) {
        Examples training = StoredExamples.read(proto.getTrainingMap());
        map.network().requireFit(training);
        int n = training.size();
        int c = map.classes();
        BlockDiagonal root = new BlockDiagonal(n, c, StoredNumbers.read("sites", proto.getRoots(), (long) n * c * c));
        if (proto.getCholesky().isEmpty()) {
            return new SiteWeights(mean, lambda, training, root, null, settings);
        }
        return new SiteWeights(
                mean,
                lambda,
                training,
                root,
                StoredTriangle.cholesky(proto.getCholesky(), Math.multiplyExact(n, c)),
                settings);
    }

    private static ClasswiseWeights classwise(
            ClasswiseProto proto, LogitMap map, Likelihood likelihood, double[] mean, double lambda) {
        Examples training = StoredExamples.read(proto.getTrainingMap());
        map.network().requireFit(training);
        int n = training.size();
        int c = map.classes();
        double[] kernel = StoredTriangle.read("kernel", proto.getKernel(), n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                kernel[j * n + i] = kernel[i * n + j];
            }
        }
        return new ClasswiseWeights(
                mean,
                lambda,
                training,
                kernel,
                new ClasswiseCurvature(
                        c,
                        StoredNumbers.read("curvatures", proto.getCurvatures(), (long) n * c),
                        likelihood.areExclusive()
                                ? StoredNumbers.read("sums of curvatures", proto.getTotals(), n)
                                : null));
    }
}
