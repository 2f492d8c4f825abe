package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.impl.SkeletalConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.Example;
import org.tribuo.OutputFactory;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.ConfiguredDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/**
 * Noisy points of a sinusoid y = A sin(ωx + φ) + ε: x uniform in an interval, ε Gaussian. One feature, {@code x}, and
 * one dimension, {@code y}. The points follow from the configuration alone.
 */
public final class SinusoidDataSource implements ConfigurableDataSource<Regressor> {
    private static final String[] FEATURES = {"x"};
    private static final String DIMENSION = "y";

    @Config(description = "A.")
    private double amplitude = 1;

    @Config(description = "ω, in radians a unit of x.")
    private double frequency = 1;

    @Config(description = "φ, in radians.")
    private double phase;

    @Config(description = "Standard deviation of the noise ε, at least 0.")
    private double noise;

    @Config(description = "Smallest x.")
    private double from = -5;

    @Config(description = "Largest x.")
    private double to = 5;

    @Config(description = "Number of points, at least 1.")
    private int points = 10;

    @Config(description = "Seed of positions and noise.")
    private long seed = 1;

    private final RegressionFactory factory = new RegressionFactory();

    private SinusoidDataSource() {}

    /**
     * A source of points.
     *
     * @param sinusoid the curve
     * @param noise standard deviation of the noise, at least 0
     * @param from smallest x
     * @param to largest x
     * @param points how many
     * @param seed seed of positions and noise
     */
    public SinusoidDataSource(Curve sinusoid, double noise, double from, double to, int points, long seed) {
        this.amplitude = sinusoid.amplitude();
        this.frequency = sinusoid.frequency();
        this.phase = sinusoid.phase();
        this.noise = noise;
        this.from = from;
        this.to = to;
        this.points = points;
        this.seed = seed;
        postConfig();
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.requireAtLeast("points", points, 1);
            Settings.requireNotNegative("noise", noise);
            Settings.require(Double.isFinite(amplitude), "amplitude", amplitude, "a finite number");
            Settings.require(Double.isFinite(frequency), "frequency", frequency, "a finite number");
            Settings.require(Double.isFinite(phase), "phase", phase, "a finite number");
            Settings.require(
                    from < to && Double.isFinite(to - from), "from", from, "a finite number below to, which is " + to);
        });
    }

    /**
     * The curve.
     *
     * @return without noise
     */
    public Curve sinusoid() {
        return new Curve(amplitude, frequency, phase);
    }

    @Override
    public OutputFactory<Regressor> getOutputFactory() {
        return factory;
    }

    @Override
    public Iterator<Example<Regressor>> iterator() {
        Random random = new Random(seed);
        Curve curve = sinusoid();
        List<Example<Regressor>> examples = new ArrayList<>(points);
        for (int i = 0; i < points; i++) {
            double x = from + (to - from) * random.nextDouble();
            double y = curve.at(x) + noise * random.nextGaussian();
            examples.add(new ArrayExample<>(new Regressor(DIMENSION, y), FEATURES, new double[] {x}));
        }
        return examples.iterator();
    }

    @Override
    public SinusoidDataSourceProvenance getProvenance() {
        return new SinusoidDataSourceProvenance(this);
    }

    /** The configuration of a {@link SinusoidDataSource}, from which its points follow. */
    public static final class SinusoidDataSourceProvenance extends SkeletalConfiguredObjectProvenance
            implements ConfiguredDataSourceProvenance {
        private static final long serialVersionUID = 1L;

        SinusoidDataSourceProvenance(SinusoidDataSource host) {
            super(host, "DataSource");
        }

        /**
         * Rebuilds a provenance that was written; OLCUT calls it.
         *
         * @param map its values
         */
        public SinusoidDataSourceProvenance(Map<String, Provenance> map) {
            super(split(map));
        }

        private static ExtractedInfo split(Map<String, Provenance> map) {
            Map<String, Provenance> configured = new HashMap<>(map);
            return new ExtractedInfo(
                    text(configured, CLASS_NAME), text(configured, HOST_SHORT_NAME), configured, Map.of());
        }

        private static String text(Map<String, Provenance> values, String key) {
            return com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance.checkAndExtractProvenance(
                            values, key, StringProvenance.class, SinusoidDataSourceProvenance.class.getSimpleName())
                    .getValue();
        }
    }

    /**
     * The curve A sin(ωx + φ).
     *
     * @param amplitude A
     * @param frequency ω
     * @param phase φ
     */
    public record Curve(double amplitude, double frequency, double phase) {
        /**
         * A curve of the paper's distribution of tasks (Maddox et al. 2021, after Kim et al. 2018): A uniform in [0.1,
         * 5], ω in [0.5, 2], φ in [0, 2π].
         *
         * @param random where it comes from
         * @return the curve
         */
        static Curve draw(SplittableRandom random) {
            return new Curve(random.nextDouble(0.1, 5), random.nextDouble(0.5, 2), random.nextDouble(0, 2 * Math.PI));
        }

        /**
         * Its value.
         *
         * @param x where
         * @return A sin(ωx + φ)
         */
        public double at(double x) {
            return amplitude * Math.sin(frequency * x + phase);
        }
    }
}
