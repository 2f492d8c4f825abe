package org.finitentk.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Dataset;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.evaluation.TrainTestSplitter;

/**
 * Data to train on, and data to test on.
 *
 * @param name what tables call the pair
 * @param training the former
 * @param test the latter
 * @param <T> the type of the outputs
 */
record Split<T extends Output<T>>(String name, Dataset<T> training, Dataset<T> test) {
    /** Splits by Tribuo's splitter, which provenance records, each with a seed of its own. */
    static <T extends Output<T>> List<Split<T>> random(
            ConfigurableDataSource<T> source, int count, double testFraction, long seed) {
        SplittableRandom seeds = new SplittableRandom(seed);
        List<Split<T>> splits = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            TrainTestSplitter<T> splitter = new TrainTestSplitter<>(source, 1 - testFraction, seeds.nextLong());
            splits.add(of(
                    "split " + i, new MutableDataset<>(splitter.getTrain()), new MutableDataset<>(splitter.getTest())));
        }
        return splits;
    }

    /** All of the data, and a test set. */
    static <T extends Output<T>> Split<T> given(ConfigurableDataSource<T> source, ConfigurableDataSource<T> test) {
        return of("test set", new MutableDataset<>(source), new MutableDataset<>(test));
    }

    private static <T extends Output<T>> Split<T> of(String name, Dataset<T> training, Dataset<T> test) {
        if (training.size() == 0 || test.size() == 0) {
            throw new IllegalArgumentException(name + " has " + training.size() + " examples to train on and "
                    + test.size() + " to test on; expected at least one of each");
        }
        return new Split<>(name, training, test);
    }
}
