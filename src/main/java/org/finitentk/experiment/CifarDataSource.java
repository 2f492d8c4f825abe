package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.finitentk.backbone.FileProvenance;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.DataFile;
import org.finitentk.internal.util.Settings;
import org.tribuo.provenance.ConfiguredDataSourceProvenance;

/**
 * A file of CIFAR-10's "binary version": 10,000 records of a label's byte and 3072 bytes of red, green and blue planes
 * of 32 × 32 (Krizhevsky 2009).
 */
public final class CifarDataSource extends ImageDataSource {
    private static final List<String> LABELS =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");
    private static final int PIXELS = 3072;

    @Config(mandatory = true, description = "The file, e.g. data_batch_1.bin.")
    private Path path;

    @Config(description = "Mean of red, green and blue, of values between 0 and 1.")
    private List<Double> means = new ArrayList<>(List.of(0.4914, 0.4822, 0.4465));

    @Config(description = "Standard deviation of red, green and blue.")
    private List<Double> deviations = new ArrayList<>(List.of(0.2470, 0.2435, 0.2616));

    private CifarDataSource() {}

    /**
     * A selection of a file, with the usual normalization.
     *
     * @param path the file
     * @param classes labels of the classes that are wanted ("airplane", …); empty for all
     * @param examplesPerClass so many of each class; 0 for all
     * @param maximum at most the first so many of those; 0 for all
     * @param seed of which examples of a class are drawn
     */
    public CifarDataSource(Path path, List<String> classes, int examplesPerClass, int maximum, long seed) {
        super(classes, examplesPerClass, maximum, seed);
        this.path = path.toAbsolutePath().normalize();
        postConfig();
    }

    @Override
    public void postConfig() {
        super.postConfig();
        Configured.check(() -> {
            Settings.require(means.size() == 3, "means", means, "three");
            boolean possible = deviations.size() == 3 && deviations.stream().allMatch(deviation -> deviation > 0);
            Settings.require(possible, "deviations", deviations, "three, above 0");
        });
    }

    @Override
    Images read() throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        int records = bytes.length / (PIXELS + 1);
        if (records == 0 || records * (PIXELS + 1) != bytes.length) {
            throw new IOException("it has " + bytes.length
                    + " bytes; expected a multiple of 3073, a label and three planes of 32 x 32 for each image");
        }
        byte[] pixels = new byte[records * PIXELS];
        int[] labels = new int[records];
        for (int i = 0; i < records; i++) {
            labels[i] = bytes[i * (PIXELS + 1)];
            if (labels[i] < 0 || labels[i] >= LABELS.size()) {
                throw new IOException("the label of image " + i + " is " + labels[i] + "; expected 0 to 9");
            }
            System.arraycopy(bytes, i * (PIXELS + 1) + 1, pixels, i * PIXELS, PIXELS);
        }
        return new Images(pixels, labels, LABELS, PIXELS, 3);
    }

    @Override
    double[] means() {
        return means.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    double[] deviations() {
        return deviations.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    public CifarDataSourceProvenance getProvenance() {
        return new CifarDataSourceProvenance(this);
    }

    @Override
    public String toString() {
        return "CIFAR-10 file '" + path + "'";
    }

    /** The configuration of a {@link CifarDataSource} and the SHA-256 of its file. */
    public static final class CifarDataSourceProvenance extends FileProvenance
            implements ConfiguredDataSourceProvenance {
        private static final long serialVersionUID = 1L;

        CifarDataSourceProvenance(CifarDataSource host) {
            super(host, "DataSource", Map.of(RESOURCE_HASH, DataFile.sha256(host.path)));
        }

        /**
         * Rebuilds a provenance that was written; OLCUT calls it.
         *
         * @param map configured and instance values
         */
        public CifarDataSourceProvenance(Map<String, Provenance> map) {
            super(map);
        }
    }
}
