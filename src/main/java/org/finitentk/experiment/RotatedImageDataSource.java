package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.finitentk.backbone.FileProvenance;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.DataFile;
import org.finitentk.internal.util.Settings;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Example;
import org.tribuo.OutputFactory;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.ConfiguredDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/**
 * Grey images turned by random angles, which are the targets: dimension {@code angle} in radians, counterclockwise. The
 * files are in MNIST's IDX format, one of images and one that says for each which group it belongs to, such as whose
 * face it is. Only the central square that lies within the image however it is turned is used, since corners without
 * content would tell the angle. Features are pixels row by row, named by zero-padded numbers; values are bytes divided
 * by 255, less the mean, over the deviation. Everything follows from the configuration: fewer images of a seed are some
 * of more, turned by the same angles.
 */
public final class RotatedImageDataSource implements ConfigurableDataSource<Regressor> {
    private static final String DIMENSION = "angle";

    @Config(mandatory = true, description = "The file of images.")
    private Path imagesPath;

    @Config(mandatory = true, description = "The file with the number of each image's group.")
    private Path groupsPath;

    @Config(description = "Numbers of the groups that are wanted; empty for all.")
    private List<Integer> groups = new ArrayList<>();

    @Config(description = "So many images of those groups, drawn by the seed; 0 for all.")
    private int images;

    @Config(description = "How often each image is there, turned by another angle each time; at least 1.")
    private int turns = 1;

    @Config(description = "Angles are uniform between this and its negative: degrees, above 0 and at most 180.")
    private double largestAngle = 90;

    @Config(description = "Rows and columns of a turned image, at least 1.")
    private int side = 28;

    @Config(description = "Mean of the pixels, of values between 0 and 1.")
    private double mean;

    @Config(description = "Standard deviation of the pixels, above 0.")
    private double deviation = 1;

    @Config(description = "Seed of which images are drawn and of the angles.")
    private long seed = 1;

    private final RegressionFactory factory = new RegressionFactory();

    private RotatedImageDataSource() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            boolean different = Set.copyOf(groups).size() == groups.size();
            Settings.require(different, "groups", groups, "different groups");
            Settings.requireAtLeast("images", images, 0);
            Settings.requireAtLeast("turns", turns, 1);
            Settings.requireAtLeast("side", side, 1);
            Settings.require(
                    largestAngle > 0 && largestAngle <= 180,
                    "largestAngle",
                    largestAngle,
                    "degrees above 0 and at most 180");
            Settings.require(Double.isFinite(mean), "mean", mean, "a finite number");
            Settings.requirePositive("deviation", deviation);
        });
    }

    /** The same files and settings with other images: of some groups, so many (0 for all), each so often. */
    RotatedImageDataSource part(List<Integer> ofGroups, int ofImages, int eachTurned, long ofSeed) {
        RotatedImageDataSource part = new RotatedImageDataSource();
        part.imagesPath = imagesPath;
        part.groupsPath = groupsPath;
        part.groups = List.copyOf(ofGroups);
        part.images = ofImages;
        part.turns = eachTurned;
        part.largestAngle = largestAngle;
        part.side = side;
        part.mean = mean;
        part.deviation = deviation;
        part.seed = ofSeed;
        part.postConfig();
        return part;
    }

    /** The groups that are wanted, in ascending order. */
    List<Integer> groups() {
        int[] groupOfImages = read().groups();
        requireGroups(groupOfImages);
        return Arrays.stream(groupOfImages)
                .distinct()
                .filter(group -> groups.isEmpty() || groups.contains(group))
                .sorted()
                .boxed()
                .toList();
    }

    /** In degrees. */
    double largestAngle() {
        return largestAngle;
    }

    /**
     * The files.
     *
     * @param images all of them
     * @param groups of each image
     */
    private record Content(IdxArray images, int[] groups) {}

    private Content read() {
        try {
            IdxArray all = IdxArray.read(imagesPath, 3);
            return new Content(all, IdxArray.labels(groupsPath, all));
        } catch (NoSuchFileException e) {
            throw DataFile.missing(e);
        } catch (IOException e) {
            throw new UncheckedIOException(this + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public OutputFactory<Regressor> getOutputFactory() {
        return factory;
    }

    /** Reads the files. */
    @Override
    public Iterator<Example<Regressor>> iterator() {
        Content content = read();
        String[] names = ImageDataSource.featureNames(side * side);
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom angles = random.split();
        int[] chosen = choose(content.groups(), random);
        List<Example<Regressor>> examples = new ArrayList<>();
        for (int image : chosen) {
            for (int t = 0; t < turns; t++) {
                double angle = Math.toRadians(angles.nextDouble(-largestAngle, largestAngle));
                double[] pixels = new TurnedImage(content.images(), image).pixels(angle, side);
                for (int i = 0; i < pixels.length; i++) {
                    pixels[i] = (pixels[i] / 255 - mean) / deviation;
                }
                examples.add(new ArrayExample<>(new Regressor(DIMENSION, angle), names, pixels));
            }
        }
        return examples.iterator();
    }

    private void requireGroups(int[] groupOfImages) {
        for (int group : groups) {
            if (Arrays.stream(groupOfImages).noneMatch(other -> other == group)) {
                throw new IllegalArgumentException(this + " has no image of group " + group + "; expected some of "
                        + Arrays.stream(groupOfImages)
                                .distinct()
                                .sorted()
                                .boxed()
                                .toList());
            }
        }
    }

    private int[] choose(int[] groupOfImages, SplittableRandom random) {
        requireGroups(groupOfImages);
        int[] wanted = IntStream.range(0, groupOfImages.length)
                .filter(i -> groups.isEmpty() || groups.contains(groupOfImages[i]))
                .toArray();
        if (images > wanted.length) {
            throw new IllegalArgumentException(this + " has " + wanted.length + " images of the groups "
                    + (groups.isEmpty() ? "" : groups + " ") + "that are wanted; expected at least the " + images
                    + " that 'images' asks for");
        }
        int[] order = ImageDataSource.shuffled(wanted, random);
        return images == 0 ? order : Arrays.copyOf(order, images);
    }

    @Override
    public RotatedImageDataSourceProvenance getProvenance() {
        return new RotatedImageDataSourceProvenance(this);
    }

    @Override
    public String toString() {
        return "IDX file '" + imagesPath + "', turned";
    }

    /** The configuration of a {@link RotatedImageDataSource} and the SHA-256 of its files. */
    public static final class RotatedImageDataSourceProvenance extends FileProvenance
            implements ConfiguredDataSourceProvenance {
        private static final long serialVersionUID = 1L;

        RotatedImageDataSourceProvenance(RotatedImageDataSource host) {
            super(
                    host,
                    "DataSource",
                    Map.of(
                            "images-resource-hash",
                            DataFile.sha256(host.imagesPath),
                            "groups-resource-hash",
                            DataFile.sha256(host.groupsPath)));
        }

        /**
         * Rebuilds a provenance that was written; OLCUT calls it.
         *
         * @param map configured and instance values
         */
        public RotatedImageDataSourceProvenance(Map<String, Provenance> map) {
            super(map);
        }
    }
}
