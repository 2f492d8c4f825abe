package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.experiment.SplitCsvDataSource.Part;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.report.ExperimentReport;
import org.finitentk.internal.report.TaskResult;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.finitentk.network.ProgressListener;
import org.tribuo.MutableDataset;
import org.tribuo.regression.Regressor;

/**
 * By what angle an image is turned, as Maddox et al. 2021 ask of faces: a network is trained on the images of some
 * groups, such as people, and every method adapts it to a few images of other groups. Images of groups that neither has
 * seen tell how good the predictive densities are. Each split divides the groups anew.
 */
final class RotationExperiment implements Experiment {
    @Config(mandatory = true, description = "Folder for the results.")
    private Path output;

    @Config(mandatory = true, description = "The images, their groups, and how they are turned.")
    private RotatedImageDataSource images;

    @Config(mandatory = true, description = "How the networks are made and trained.")
    private SourceTraining source;

    @Config(mandatory = true, description = "The methods to compare.")
    private List<BackboneMethod> methods = new ArrayList<>();

    @Config(description = "Random divisions of the groups, at least 1.")
    private int splits = 5;

    @Config(description = "Groups that the network is trained on, at least 1.")
    private int sourceGroups = 20;

    @Config(description = "Groups that are for testing, at least 1; the groups that are left are adapted to.")
    private int testGroups = 8;

    @Config(description = "How often each of the network's images is turned, at least 1.")
    private int sourceTurns = 10;

    @Config(description = "How often each test image is turned, at least 1.")
    private int testTurns = 5;

    @Config(description = "Numbers of images that a method sees, each turned once: fewer are some of more.")
    private List<Integer> adaptationImages = new ArrayList<>(List.of(25, 60, 120));

    @Config(description = "Threads of the networks; 0 for all cores.")
    private int threads = 1;

    @Config(description = "Seed of the splits, of the images drawn and of the angles.")
    private long seed = 1;

    private RotationExperiment() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireAtLeast("splits", splits, 1);
            Settings.requireAtLeast("sourceGroups", sourceGroups, 1);
            Settings.requireAtLeast("testGroups", testGroups, 1);
            Settings.requireAtLeast("sourceTurns", sourceTurns, 1);
            Settings.requireAtLeast("testTurns", testTurns, 1);
            Settings.requireAtLeast("threads", threads, 0);
            Settings.requireDifferent("adaptationImages", adaptationImages);
            Settings.require(
                    adaptationImages.stream().allMatch(count -> count > 0),
                    "adaptationImages",
                    adaptationImages,
                    "positive numbers");
            Settings.requireDifferent(
                    "methods", methods.stream().map(BackboneMethod::name).toList());
            Settings.require(
                    methods.stream().allMatch(method -> method.rows() == Part.ADAPTATION),
                    "methods",
                    methods.stream().map(BackboneMethod::name).toList(),
                    "methods whose rows are ADAPTATION, since the network's images are turned many times each");
        });
    }

    @Override
    public Path output() {
        return output;
    }

    /**
     * One division of the groups.
     *
     * @param number from 1
     * @param source what the network is trained on
     * @param adaptation by numbers of images, what it is adapted to
     * @param test what it is tested on
     */
    private record Division(
            int number,
            RotatedImageDataSource source,
            Map<Integer, RotatedImageDataSource> adaptation,
            RotatedImageDataSource test) {}

    @Override
    public ExperimentReport run(ProgressListener progress) throws IOException {
        List<Division> divisions = divisions();
        ExperimentFiles files = new ExperimentFiles(output);
        files.folder("networks");
        Map<BackboneMethod, List<TaskResult>> results = new LinkedHashMap<>();
        methods.forEach(method -> results.put(method, new ArrayList<>()));
        long steps = (long) splits * methods.size() * adaptationImages.size();
        long done = 0;
        for (Division division : divisions) {
            progress.progress("splits and methods", done, steps);
            SourceNetworks networks = networks(division, progress);
            MutableDataset<Regressor> test = new MutableDataset<>(division.test());
            for (int count : adaptationImages) {
                for (BackboneMethod method : methods) {
                    progress.progress("splits and methods", done++, steps);
                    results.getOrDefault(method, List.of()).add(adapt(method, division, count, networks, test, files));
                }
            }
        }
        progress.progress("splits and methods", done, steps);
        ExperimentReport report = report(divisions.get(0), results, files);
        report.write(output);
        return report;
    }

    /** Refuses, before any work, what the data do not have. */
    private List<Division> divisions() {
        List<Integer> groups = images.groups();
        if (sourceGroups + testGroups >= groups.size()) {
            throw new IllegalArgumentException(images + " has " + groups.size() + " groups; expected more than the "
                    + sourceGroups + " 'sourceGroups' and " + testGroups
                    + " 'testGroups' together, since others are adapted to");
        }
        SplittableRandom random = new SplittableRandom(seed);
        List<Division> divisions = new ArrayList<>();
        for (int i = 1; i <= splits; i++) {
            List<Integer> order = new ArrayList<>(groups);
            Collections.shuffle(order, new Random(random.nextLong()));
            List<Integer> testing = order.subList(0, testGroups);
            List<Integer> training = order.subList(testGroups, testGroups + sourceGroups);
            List<Integer> others = order.subList(testGroups + sourceGroups, order.size());
            RotatedImageDataSource test = images.part(testing, 0, testTurns, random.nextLong());
            RotatedImageDataSource forNetwork = images.part(training, 0, sourceTurns, random.nextLong());
            long adaptationSeed = random.nextLong();
            Map<Integer, RotatedImageDataSource> adaptation = new LinkedHashMap<>();
            adaptationImages.forEach(count -> adaptation.put(count, images.part(others, count, 1, adaptationSeed)));
            for (RotatedImageDataSource source : adaptation.values()) {
                // too few images are told before a network is trained
                if (!source.iterator().hasNext()) {
                    throw new IllegalArgumentException(source + " has no image");
                }
            }
            divisions.add(new Division(i, forNetwork, adaptation, test));
        }
        return divisions;
    }

    private SourceNetworks networks(Division division, ProgressListener progress) {
        Path folder = output.resolve("networks");
        return SourceNetworks.at(
                        folder.resolve("split-" + division.number() + ".onnx"),
                        folder.resolve("split-" + division.number() + "-untrained.onnx"),
                        threads)
                .make(source, new MutableDataset<>(division.source()), progress);
    }

    private static String group(int count) {
        return count + " images";
    }

    private static String name(int count, int split) {
        return group(count) + " " + split;
    }

    private static TaskResult adapt(
            BackboneMethod method,
            Division division,
            int count,
            SourceNetworks networks,
            MutableDataset<Regressor> test,
            ExperimentFiles files)
            throws IOException {
        String name = name(count, division.number());
        MutableDataset<Regressor> training =
                new MutableDataset<>(division.adaptation().get(count));
        return new Trial<>(method.trainer(networks.of(method.network())), training, files)
                .run(
                        method.name() + "-" + name,
                        (model, seconds) -> TaskResult.of(
                                name, new PredictiveRegressionEvaluator().evaluate(model, test), seconds));
    }

    private ExperimentReport report(
            Division first, Map<BackboneMethod, List<TaskResult>> results, ExperimentFiles files) throws IOException {
        MutableDataset<Regressor> forNetwork = new MutableDataset<>(first.source());
        int testSize = new MutableDataset<>(first.test()).size();
        int others = images.groups().size() - sourceGroups - testGroups;
        ExperimentReport.Builder report = ExperimentReport.of("Turned images: by what angle")
                .introduction(String.format(
                        Locale.ROOT,
                        "In each of %d splits a %s network was trained on the images of %d groups, each turned %d times "
                                + "(%d in all), and every method adapted it to images of %d other groups, each turned once. "
                                + "Scores are of %d turned images of %d groups that neither has seen. Angles are uniform "
                                + "between -%.0f and %.0f degrees; errors are in radians (0.1 is 5.7 degrees). "
                                + "Seconds are for adapting.",
                        splits,
                        source.architecture(
                                Integer.toString(forNetwork.getFeatureMap().size())),
                        sourceGroups,
                        sourceTurns,
                        forNetwork.size(),
                        others,
                        testSize,
                        testGroups,
                        images.largestAngle(),
                        images.largestAngle()))
                .setting("Images", images.toString())
                .setting("Seed", Long.toString(seed));
        for (int count : adaptationImages) {
            List<String> names = new ArrayList<>();
            for (int i = 1; i <= splits; i++) {
                names.add(name(count, i));
            }
            report.group(group(count), names);
        }
        results.forEach((method, ofIt) -> report.method(method.name(), method.description(), ofIt));
        return report.section("Provenance", files.writeProvenance(getProvenance()))
                .build();
    }
}
