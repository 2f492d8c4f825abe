package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.DataFile;
import org.finitentk.internal.util.Settings;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Example;
import org.tribuo.OutputFactory;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.impl.ArrayExample;

/**
 * Labelled images of a published data set, or some of them: some classes, so many of each class drawn by a seed, the
 * first so many or those after them. Features are all pixels, plane by plane and row by row, named by zero-padded
 * numbers, so that their order is that of a network's image input; values are bytes divided by 255, less the channel's
 * mean, over its deviation. An example takes 12 bytes a pixel.
 */
abstract class ImageDataSource implements ConfigurableDataSource<Label> {
    @Config(description = "Labels of the classes that are wanted; empty for all.")
    private List<String> classes = new ArrayList<>();

    @Config(description = "So many examples of each class, drawn by the seed; 0 for all.")
    private int examplesPerClass;

    @Config(description = "How many of the chosen images are left out, from the first on: others may be for them.")
    private int skip;

    @Config(description = "At most the first so many of the images that are left; 0 for all.")
    private int maximum;

    @Config(description = "Seed of which examples of a class are drawn.")
    private long seed = 1;

    private final LabelFactory factory = new LabelFactory();

    /** For OLCUT. */
    ImageDataSource() {}

    /**
     * With a selection.
     *
     * @param classes labels of the classes that are wanted; empty for all
     * @param examplesPerClass so many of each class; 0 for all
     * @param maximum at most the first so many of those; 0 for all
     * @param seed of which examples of a class are drawn
     */
    ImageDataSource(List<String> classes, int examplesPerClass, int maximum, long seed) {
        this.classes = new ArrayList<>(classes);
        this.examplesPerClass = examplesPerClass;
        this.maximum = maximum;
        this.seed = seed;
    }

    /**
     * Images as they are in the file.
     *
     * @param pixels one image after the other, each all planes
     * @param labels the class of each image
     * @param names labels of the classes
     * @param pixelsPerImage of all planes
     * @param planes channels of an image
     */
    record Images(byte[] pixels, int[] labels, List<String> names, int pixelsPerImage, int planes) {}

    /** Reads the files. */
    abstract Images read() throws IOException;

    /** What is subtracted from a channel's values in [0, 1]. */
    abstract double[] means();

    /** What channels are then divided by. */
    abstract double[] deviations();

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireAtLeast("examplesPerClass", examplesPerClass, 0);
            Settings.requireAtLeast("skip", skip, 0);
            Settings.requireAtLeast("maximum", maximum, 0);
            boolean different = new HashSet<>(classes).size() == classes.size();
            Settings.require(different, "classes", classes, "different classes");
        });
    }

    @Override
    public OutputFactory<Label> getOutputFactory() {
        return factory;
    }

    /** Reads the files. */
    @Override
    public Iterator<Example<Label>> iterator() {
        Images images;
        try {
            images = read();
        } catch (NoSuchFileException e) {
            throw DataFile.missing(e);
        } catch (IOException e) {
            throw new UncheckedIOException(this + " cannot be read: " + e.getMessage(), e);
        }
        int[] chosen = choose(images);
        String[] names = featureNames(images.pixelsPerImage());
        return Arrays.stream(chosen).mapToObj(i -> example(images, i, names)).iterator();
    }

    /** Numbers padded to the same length sort like numbers; all examples share the strings. */
    static String[] featureNames(int pixels) {
        int digits = Integer.toString(pixels - 1).length();
        String format = "%0" + digits + "d";
        return IntStream.range(0, pixels)
                .mapToObj(i -> String.format(Locale.ROOT, format, i))
                .toArray(String[]::new);
    }

    private Example<Label> example(Images images, int i, String[] names) {
        int size = images.pixelsPerImage();
        int plane = size / images.planes();
        double[] values = new double[size];
        for (int j = 0; j < size; j++) {
            values[j] = ((images.pixels()[i * size + j] & 0xff) / 255.0 - means()[j / plane]) / deviations()[j / plane];
        }
        return new ArrayExample<>(new Label(images.names().get(images.labels()[i])), names, values);
    }

    private int[] choose(Images images) {
        for (String name : classes) {
            if (!images.names().contains(name)) {
                throw new IllegalArgumentException(
                        this + " has no class '" + name + "'; expected some of " + images.names());
            }
        }
        int[] wanted = IntStream.range(0, images.labels().length)
                .filter(i ->
                        classes.isEmpty() || classes.contains(images.names().get(images.labels()[i])))
                .toArray();
        if (examplesPerClass > 0) {
            wanted = draw(wanted, images.labels());
        }
        if (skip > 0 && skip >= wanted.length) {
            throw new IllegalArgumentException(
                    this + " has " + wanted.length + " images that were chosen, of which the first " + skip
                            + " would be left out; expected to skip fewer");
        }
        return Arrays.copyOfRange(
                wanted, skip, maximum > 0 && maximum < wanted.length - skip ? skip + maximum : wanted.length);
    }

    /** The first of a shuffled order, put back into the file's order, so that fewer of a class are some of more. */
    private int[] draw(int[] wanted, int[] labels) {
        int[] order = shuffled(wanted, new SplittableRandom(seed));
        Map<Integer, Integer> counts = new HashMap<>();
        return Arrays.stream(order)
                .filter(i -> counts.merge(labels[i], 1, Integer::sum) <= examplesPerClass)
                .sorted()
                .toArray();
    }

    /** The same numbers in another order. */
    static int[] shuffled(int[] numbers, SplittableRandom random) {
        int[] order = numbers.clone();
        for (int i = 0; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            int swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        return order;
    }
}
