package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
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
    private static final int BYTES = 0x08;
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
        Array images = Array.read(imagesPath, 3);
        Array labels = Array.read(labelsPath, 1);
        if (images.sizes()[0] != labels.sizes()[0]) {
            throw new IOException("there are " + images.sizes()[0] + " images, but '" + labelsPath + "' has "
                    + labels.sizes()[0] + " labels; expected as many of each");
        }
        int[] classes = new int[labels.values().length];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = labels.values()[i] & 0xff;
        }
        List<String> names =
                IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList();
        return new Images(images.values(), classes, names, images.sizes()[1] * images.sizes()[2], 1);
    }

    /**
     * An array of bytes.
     *
     * @param sizes of its dimensions
     * @param values in C order
     */
    private record Array(int[] sizes, byte[] values) {
        static Array read(Path path, int rank) throws IOException {
            try (InputStream file = new BufferedInputStream(Files.newInputStream(path));
                    DataInputStream in =
                            new DataInputStream(path.toString().endsWith(".gz") ? new GZIPInputStream(file) : file)) {
                int magic = in.readInt();
                if (magic != (BYTES << 8 | rank)) {
                    throw new IOException("'" + path + "' starts with " + Integer.toHexString(magic) + "; expected "
                            + Integer.toHexString(BYTES << 8 | rank) + ", an IDX array of bytes of rank " + rank);
                }
                int[] sizes = new int[rank];
                long count = 1;
                for (int d = 0; d < rank; d++) {
                    sizes[d] = in.readInt();
                    count = sizes[d] < 0 ? -1 : count * sizes[d];
                    if (count <= 0 || count > Integer.MAX_VALUE - 8) {
                        throw new IOException("dimension " + d + " of '" + path + "' is " + sizes[d]
                                + "; expected sizes above 0 whose product is below 2 GiB");
                    }
                }
                // Read in what is there before believing the sizes.
                byte[] values = in.readNBytes((int) count);
                if (values.length < count) {
                    throw new EOFException("'" + path + "' has " + values.length + " values; its header promises "
                            + count + ", so it is truncated");
                }
                return new Array(sizes, values);
            }
        }
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
