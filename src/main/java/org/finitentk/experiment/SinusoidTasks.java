package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.internal.report.Experiment;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;

/** Experiments that train on one sinusoid and adapt to new ones of which a method sees a few points. */
abstract class SinusoidTasks implements Experiment {
    @Config(mandatory = true, description = "Folder for the results.")
    private Path output;

    @Config(description = "Number of new tasks, at least 1.")
    private int tasks = 20;

    @Config(description = "Points of a task that a method sees, at least 1.")
    private int trainingPoints = 10;

    @Config(description = "Points of a task that the methods are evaluated on, at least 1.")
    private int testPoints = 100;

    @Config(description = "Points of the source task, at least 1.")
    private int sourcePoints = 400;

    @Config(description = "Smallest x.")
    private double from = -5;

    @Config(description = "Largest x.")
    private double to = 5;

    @Config(description = "Standard deviation of the noise as a fraction of a sinusoid's amplitude.")
    private double relativeNoise = 0.01;

    @Config(description = "Seed of the tasks and their points.")
    private long seed = 1;

    SinusoidTasks() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireAtLeast("tasks", tasks, 1);
            Settings.requireAtLeast("trainingPoints", trainingPoints, 1);
            Settings.requireAtLeast("testPoints", testPoints, 1);
            Settings.requireAtLeast("sourcePoints", sourcePoints, 1);
        });
    }

    @Override
    public final Path output() {
        return output;
    }

    /**
     * One task's points.
     *
     * @param number from 1
     * @param training what a method sees
     * @param test what it is tested on
     */
    record Task(int number, SinusoidDataSource training, SinusoidDataSource test) {}

    /**
     * What is drawn by the seed.
     *
     * @param source the points that the network is trained on
     * @param tasks the new ones
     */
    record Drawn(SinusoidDataSource source, List<Task> tasks) {}

    final Drawn draw() {
        SplittableRandom random = new SplittableRandom(seed);
        SinusoidDataSource source = points(SinusoidDataSource.Curve.draw(random), sourcePoints, random.nextLong());
        List<Task> drawn = new ArrayList<>();
        for (int i = 1; i <= tasks; i++) {
            SinusoidDataSource.Curve curve = SinusoidDataSource.Curve.draw(random);
            drawn.add(new Task(
                    i, points(curve, trainingPoints, random.nextLong()), points(curve, testPoints, random.nextLong())));
        }
        return new Drawn(source, drawn);
    }

    private SinusoidDataSource points(SinusoidDataSource.Curve curve, int count, long pointSeed) {
        return new SinusoidDataSource(curve, relativeNoise * curve.amplitude(), from, to, count, pointSeed);
    }

    /** So many positions at equal distances over the interval. */
    final double[] positions(int count) {
        double[] x = new double[count];
        for (int i = 0; i < count; i++) {
            x[i] = from + (to - from) * i / (count - 1);
        }
        return x;
    }

    /** How many new ones there are. */
    final int tasks() {
        return tasks;
    }

    final int sourcePoints() {
        return sourcePoints;
    }

    /** A sentence of the report about what a method sees, and what its scores and seconds are of. */
    final String seenAndScored(String seconds) {
        return trainingPoints + " points. Scores are on " + testPoints
                + " other noisy points of each task; seconds are " + seconds + ".";
    }

    /** What the tasks are drawn from. */
    final String distribution() {
        return "A sin(ωx + φ) with A in [0.1, 5], ω in [0.5, 2], φ in [0, 2π], noise " + relativeNoise + " A, x in ["
                + from + ", " + to + "]";
    }

    final String seed() {
        return Long.toString(seed);
    }
}
