package org.finitentk.backbone;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import com.oracle.labs.mlrg.olcut.provenance.Provenancable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.finitentk.internal.network.InputNumbers;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.tribuo.ModelContent;
import org.finitentk.internal.tribuo.WeightPattern;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.NetworkView;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Pooling;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.onnx.WeightRule;
import org.jspecify.annotations.Nullable;
import org.tribuo.Dataset;
import org.tribuo.interop.onnx.ExampleTransformer;

/**
 * The trained network that a trainer adapts: file, tangent parameters, how features become inputs, where it runs.
 *
 * <p>Features are mapped by name, never by Tribuo's feature ids: {@link #features} lists the names in the order of the
 * input's elements (C order, one input after the other); if it is empty, {@link FeatureOrder} says how positions follow
 * from names, by default only from names that leave no doubt. A feature that every training example had may not be
 * missing in a prediction, others are then 0; with NUMBERED, all are. An {@code inputTransformer} replaces all of this.
 */
public final class OnnxBackbone implements Configurable, Provenancable<OnnxBackboneProvenance> {
    @Config(mandatory = true, description = "The ONNX model: a file, or a zipped linearization bundle (.zip).")
    private Path path;

    @Config(description = "Feature names in the order of the input's elements; empty to go by featureOrder.")
    private List<String> features = new ArrayList<>();

    @Config(description = "How feature names get positions when 'features' is empty: EVIDENT, SORTED or NUMBERED.")
    private FeatureOrder featureOrder = FeatureOrder.EVIDENT;

    @Config(description = "Under NUMBERED, the number of the feature at position 0.")
    private int firstNumber = 0;

    @Config(description = "Features of the data that 'features' or the metadata does not list: ERROR or IGNORE.")
    private UnlistedFeatures unlistedFeatures = UnlistedFeatures.ERROR;

    @Config(description = "Sizes of one example's input, for a network whose own input dimensions are symbolic.")
    private List<Integer> inputShape = new ArrayList<>();

    @Config(description = "Inputs that are the same for all examples, and their values, as in 'sr=16000'.")
    private List<String> inputValues = new ArrayList<>();

    @Config(description = "Tribuo's DenseTransformer or ImageTransformer, fed by input positions; none for C order.")
    private @Nullable ExampleTransformer transformer = null;

    @Config(description = "Makes all inputs from whole examples, for networks with several inputs or token ids.")
    private @Nullable InputTransformer inputTransformer = null;

    @Config(description = "A node's output whose values become the network's outputs; empty for the network's own.")
    private String outputLayer = "";

    @Config(description = "How an output [n, T, d] becomes [n, d]: NONE, MEAN, MASKED_MEAN, FIRST or LAST.")
    private Pooling pooling = Pooling.NONE;

    @Config(description = "Under MASKED_MEAN the input [n, T] of weights; empty for the only one called a mask.")
    private String poolingMask = "";

    @Config(description = "Only initializers with this expression in the name are tangent parameters; empty for all.")
    private String include = "";

    @Config(description = "Initializers with this expression in the name are no tangent parameters; empty for none.")
    private String exclude = "";

    @Config(description = "What a learned weight is, where include is empty; POSITION is the rule of version 0.1.0.")
    private WeightRule weightRule = WeightRule.DEFAULT;

    @Config(description = "Where the network runs: CPU or CUDA.")
    private ExecutionSettings.Device device = ExecutionSettings.DEFAULT.device();

    @Config(description = "Threads of one operator on the CPU; 0 for all cores.")
    private int threads = ExecutionSettings.DEFAULT.threads();

    @Config(
            description =
                    "Bytes for intermediate values and what is kept (default: a quarter of the machine's, at most "
                            + "three quarters of the heap's limit; 0: as version 0.1, a quarter, at most 2 GiB).")
    private long memoryBudget = ExecutionSettings.DEFAULT.memoryBudgetBytes();

    @Config(description = "Which GPU, from 0.")
    private int deviceId = ExecutionSettings.DEFAULT.deviceId();

    @Config(description = "Ask ONNX Runtime for kernels that repeat bit for bit.")
    private boolean deterministic = ExecutionSettings.DEFAULT.deterministic();

    private volatile @Nullable OnnxBackboneProvenance provenance;

    /** For OLCUT. */
    private OnnxBackbone() {}

    /**
     * A backbone with default settings.
     *
     * @param path the ONNX model: a file, or a zipped linearization bundle
     */
    public OnnxBackbone(Path path) {
        this.path = path.toAbsolutePath();
    }

    /**
     * Starts a backbone with more settings.
     *
     * @param path as above
     * @return a builder with the defaults
     */
    public static Builder builder(Path path) {
        return new Builder(path);
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(this::matching);
        Configured.check(this::executionSettings);
        selection();
        Configured.check(this::choice);
    }

    /** {@return the absolute path of the model file} */
    public Path path() {
        return path;
    }

    /** {@return which initializers are tangent parameters} */
    public ParameterSelection selection() {
        return new ParameterSelection(
                WeightPattern.configured("include", include),
                WeightPattern.configured("exclude", exclude),
                weightRule,
                List.of());
    }

    /** {@return where and how the network runs} */
    public ExecutionSettings executionSettings() {
        return new ExecutionSettings(device, threads, memoryBudget, deviceId, deterministic);
    }

    /**
     * Opens the network.
     *
     * @return the network, which the caller closes
     * @throws org.finitentk.onnx.InvalidModelException if the file cannot be read or used, or has no such output layer
     * @throws IllegalStateException if the file has changed since this object's provenance was taken
     */
    public LinearizedNetwork open() {
        OnnxBackboneProvenance known = provenance;
        ModelContent file = ModelContent.read(path).requireUnchanged(known == null ? null : known.sha256());
        return file.viewed(view(file.graph().inputs())).network(selection(), executionSettings());
    }

    /**
     * What is wanted of the file.
     *
     * @param inputs the file's
     * @return the output that was chosen, and the sizes and values that were given
     */
    public NetworkView view(List<ValueInfo> inputs) {
        return choice().of(inputs);
    }

    /**
     * Settles how features become inputs, and refuses data that does not fit. One line of log says what was settled.
     *
     * @param data the training data
     * @param network this backbone's, open
     * @return the mapping to use for training and for every prediction
     * @throws IllegalArgumentException if the features do not fit, with both shapes, or nothing says where each goes
     */
    public InputMapping inputMapping(Dataset<?> data, LinearizedNetwork network) {
        return matching()
                .match(DataFeatures.of(data), network.inputs(), network.names().features())
                .missing(InputNumbers.mayMiss(network));
    }

    private NetworkChoice choice() {
        return new NetworkChoice(inputShape, inputTransformer, inputValues, outputLayer, pooling, poolingMask);
    }

    FeatureMatching matching() {
        return new FeatureMatching(
                features, featureOrder, firstNumber, unlistedFeatures, inputShape, transformer, inputTransformer);
    }

    @Override
    public String toString() {
        return "OnnxBackbone(" + path + ")";
    }

    /** {@return configuration and SHA-256 of the model, taken once: trainers that share a backbone share its object} */
    @Override
    public synchronized OnnxBackboneProvenance getProvenance() {
        OnnxBackboneProvenance existing = provenance;
        if (existing == null) {
            existing = new OnnxBackboneProvenance(this, ModelContent.read(path).sha256());
            provenance = existing;
        }
        return existing;
    }

    /** Settings of a backbone, each with a default. */
    public static final class Builder {
        private final Path path;
        private final List<Consumer<OnnxBackbone>> settings = new ArrayList<>();

        private Builder(Path path) {
            this.path = path;
        }

        private Builder with(Consumer<OnnxBackbone> setting) {
            settings.add(setting);
            return this;
        }

        /**
         * Lists the features in the order of the input's elements.
         *
         * @param names every feature name once
         * @return this
         */
        public Builder features(List<String> names) {
            return with(backbone -> backbone.features = new ArrayList<>(names));
        }

        /**
         * Features take the order of their names, numbers compared as numbers: that of the network's training.
         *
         * @return this
         */
        public Builder sortedFeatures() {
            return with(backbone -> backbone.featureOrder = FeatureOrder.SORTED);
        }

        /**
         * Keeps features from the network that a list of features does not have, instead of refusing the data.
         *
         * @return this
         */
        public Builder ignoreUnlistedFeatures() {
            return with(backbone -> backbone.unlistedFeatures = UnlistedFeatures.IGNORE);
        }

        /**
         * Positions are the numbers at the ends of the feature names.
         *
         * @param first the number of the feature at position 0
         * @return this
         */
        public Builder numberedFeatures(int first) {
            return with(backbone -> {
                backbone.featureOrder = FeatureOrder.NUMBERED;
                backbone.firstNumber = first;
            });
        }

        /**
         * Fixes the input's shape for networks that leave it open.
         *
         * @param sizes sizes of one example, without the batch
         * @return this
         */
        public Builder inputShape(int... sizes) {
            return with(backbone -> backbone.inputShape =
                    new ArrayList<>(Arrays.stream(sizes).boxed().toList()));
        }

        /**
         * Makes constants of inputs that are the same for all examples.
         *
         * @param values such as {@code sr=16000}
         * @return this
         */
        public Builder inputValues(List<String> values) {
            return with(backbone -> backbone.inputValues = new ArrayList<>(values));
        }

        /**
         * Has one of Tribuo's transformers write the input.
         *
         * @param value e.g. an ImageTransformer
         * @return this
         */
        public Builder transformer(ExampleTransformer value) {
            return with(backbone -> backbone.transformer = value);
        }

        /**
         * Has an object fill all inputs.
         *
         * @param value the transformer
         * @return this
         */
        public Builder inputTransformer(InputTransformer value) {
            return with(backbone -> backbone.inputTransformer = value);
        }

        /**
         * Chooses the output, one of the network's or a layer's values.
         *
         * @param name of an output of the network or of a node, "" for the network's first
         * @return this
         */
        public Builder outputLayer(String name) {
            return with(backbone -> backbone.outputLayer = name);
        }

        /**
         * Makes one row an example of an output [n, T, d].
         *
         * @param value how
         * @param mask under MASKED_MEAN the input [n, T] that weights positions; "" for the only one called a mask
         * @return this
         */
        public Builder pooling(Pooling value, String mask) {
            return with(backbone -> backbone.pooling = value).with(backbone -> backbone.poolingMask = mask);
        }

        /**
         * Narrows or widens the tangent parameters to initializers in whose names an expression is found.
         *
         * @param expression a regular expression, "" for all weights
         * @return this
         */
        public Builder include(String expression) {
            return with(backbone -> backbone.include = expression);
        }

        /**
         * Leaves out initializers in whose names an expression is found.
         *
         * @param expression a regular expression, "" for none
         * @return this
         */
        public Builder exclude(String expression) {
            return with(backbone -> backbone.exclude = expression);
        }

        /**
         * Says what a learned weight is, for those who need the parameters of an earlier version.
         *
         * @param rule applies where no expression includes initializers
         * @return this
         */
        public Builder weightRule(WeightRule rule) {
            return with(backbone -> backbone.weightRule = rule);
        }

        /**
         * Chooses device, threads and memory.
         *
         * @param value the settings
         * @return this
         */
        public Builder executionSettings(ExecutionSettings value) {
            return with(backbone -> {
                backbone.device = value.device();
                backbone.threads = value.threads();
                backbone.memoryBudget = value.memoryBudgetBytes();
                backbone.deviceId = value.deviceId();
                backbone.deterministic = value.deterministic();
            });
        }

        /**
         * Builds it.
         *
         * @return a new object
         * @throws PropertyException if the settings contradict each other
         */
        public OnnxBackbone build() {
            OnnxBackbone backbone = new OnnxBackbone(path);
            settings.forEach(setting -> setting.accept(backbone));
            backbone.postConfig();
            return backbone;
        }
    }
}
