package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.finitentk.backbone.FileProvenance;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.DataFile;
import org.finitentk.internal.util.Settings;
import org.tribuo.provenance.ConfiguredDataSourceProvenance;

/**
 * Grey images of bytes in MNIST's IDX format (LeCun), plain or {@code .gz}: a file of images and one of labels, which
 * are named "0" to "255".
 */
public final class IdxImageDataSource extends ImageDataSource {
    private static final int CLASSES = 256;

    @Config(mandatory = true, description = "The file of images, e.g. train-images-idx3-ubyte.gz.")
    private Path imagesPath;

    @Config(mandatory = true, description = "The file of labels, e.g. train-labels-idx1-ubyte.gz.")
    private Path labelsPath;

    @Config(description = "Mean of the pixels, of values between 0 and 1.")
    private double mean;

    @Config(description = "Standard deviation of the pixels, above 0.")
    private double deviation = 1;

    private IdxImageDataSource() {}

    /**
     * A selection of two files, values between 0 and 1.
     *
     * @param imagesPath the file of images
     * @param labelsPath the file of labels
     * @param classes labels of the classes that are wanted ("0", …); empty for all
     * @param examplesPerClass so many of each class; 0 for all
     * @param maximum at most the first so many of those; 0 for all
     * @param seed of which examples of a class are drawn
     */
    public IdxImageDataSource(
            Path imagesPath, Path labelsPath, List<String> classes, int examplesPerClass, int maximum, long seed) {
        super(classes, examplesPerClass, maximum, seed);
        this.imagesPath = imagesPath.toAbsolutePath().normalize();
        this.labelsPath = labelsPath.toAbsolutePath().normalize();
        postConfig();
    }

    @Override
    public void postConfig() {
        super.postConfig();
        Configured.check(() -> {
            Settings.requirePositive("deviation", deviation);
            Settings.require(Double.isFinite(mean), "mean", mean, "a finite number");
        });
    }

    @Override
    Images read() throws IOException {
        IdxArray images = IdxArray.read(imagesPath, 3);
        int[] classes = IdxArray.labels(labelsPath, images);
        List<String> names =
                IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList();
        return new Images(images.values(), classes, names, images.sizes()[1] * images.sizes()[2], 1);
    }

    @Override
    double[] means() {
        return new double[] {mean};
    }

    @Override
    double[] deviations() {
        return new double[] {deviation};
    }

    @Override
    public IdxImageDataSourceProvenance getProvenance() {
        return new IdxImageDataSourceProvenance(this);
    }

    @Override
    public String toString() {
        return "IDX file '" + imagesPath + "'";
    }

    /** The configuration of an {@link IdxImageDataSource} and the SHA-256 of its files. */
    public static final class IdxImageDataSourceProvenance extends FileProvenance
            implements ConfiguredDataSourceProvenance {
        private static final long serialVersionUID = 1L;

        IdxImageDataSourceProvenance(IdxImageDataSource host) {
            super(
                    host,
                    "DataSource",
                    Map.of(
                            "images-" + RESOURCE_HASH,
                            DataFile.sha256(host.imagesPath),
                            "labels-" + RESOURCE_HASH,
                            DataFile.sha256(host.labelsPath)));
        }

        /**
         * Rebuilds a provenance that was written; OLCUT calls it.
         *
         * @param map configured and instance values
         */
        public IdxImageDataSourceProvenance(Map<String, Provenance> map) {
            super(map);
        }
    }
}
