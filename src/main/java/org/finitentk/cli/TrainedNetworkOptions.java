package org.finitentk.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.Pooling;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A network that a model is made of: what of {@link OnnxBackbone} can be said in options. */
final class TrainedNetworkOptions {
    @Option(names = "--network", paramLabel = "NET.onnx", description = "the trained network, or a bundle of it (.zip)")
    private @Nullable Path path;

    @Option(
            names = "--input-shape",
            paramLabel = "NAME=NxAxB|AxB",
            description = "the shape of the input, for a network that leaves it open, e.g. image=Nx3x32x32, or of one "
                    + "row's, e.g. 3x32x32")
    private @Nullable String inputShape;

    @Option(
            names = "--input-value",
            paramLabel = "NAME=V",
            description = "makes a constant of an input that is the same for all rows, such as sr=16000: a number for "
                    + "all its elements, or one for each; repeatable")
    private List<String> inputValues = List.of();

    @Option(
            names = "--output",
            paramLabel = "NAME",
            description = "the output, or a layer: a node's output (default: the first output of floats)")
    private String output = "";

    @Option(
            names = "--pooling",
            paramLabel = "none|mean|masked-mean|first|last",
            description = "makes one row an example of an output (n, T, d) (default: ${DEFAULT-VALUE})")
    private Pooling pooling = Pooling.NONE;

    @Option(
            names = "--pooling-mask",
            paramLabel = "NAME",
            description = "under masked-mean the input (n, T) that weights positions (default: the only one with "
                    + "'mask' in its name)")
    private String mask = "";

    @Option(
            names = "--include",
            paramLabel = "RE",
            description = "tangent parameters: the float initializers in whose name RE is found (default: the learned"
                    + " weights)")
    private String include = "";

    @Option(names = "--exclude", paramLabel = "RE", description = "leave out parameters in whose name RE is found")
    private String exclude = "";

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "threads of the runtime; 0 for all cores (default: ${DEFAULT-VALUE})")
    private int threads = ExecutionSettings.DEFAULT.threads();

    @Option(
            names = "--device",
            paramLabel = "cpu|cuda",
            description = "where the network runs (default: ${DEFAULT-VALUE}; cuda needs the build profile gpu)")
    private ExecutionSettings.Device device = ExecutionSettings.DEFAULT.device();

    TrainedNetworkOptions() {}

    @Nullable
    Path path() {
        return path;
    }

    Pooling pooling() {
        return pooling;
    }

    @Nullable
    String inputShape() {
        return inputShape;
    }

    /**
     * The network as Tribuo's trainers take it.
     *
     * @param features columns in the order of its inputs; empty if they are to be found
     */
    OnnxBackbone backbone(List<String> features) {
        return builder().features(features).build();
    }

    /** The same while it is not said what its inputs are. */
    OnnxBackbone.Builder builder() {
        if (path == null) {
            throw new IllegalStateException("asked for only where --network was given");
        }
        OnnxBackbone.Builder builder = OnnxBackbone.builder(path)
                .outputLayer(output)
                .inputValues(inputValues)
                .pooling(pooling, mask)
                .include(include)
                .exclude(exclude)
                .executionSettings(ExecutionSettings.DEFAULT.withDevice(device).withThreads(threads));
        return inputShape == null ? builder : builder.inputShape(sizes(path, inputShape));
    }

    private static int[] sizes(Path network, String shape) {
        if (shape.contains("=")) {
            // as the other commands take it: with a name, and the examples' axis first
            InputSizes sizes = InputSizes.parse(List.of(shape));
            sizes.on(inputs(network));
            List<Long> named = sizes.sizes().values().iterator().next();
            return named.subList(1, named.size()).stream()
                    .mapToInt(Long::intValue)
                    .toArray();
        }
        try {
            return Arrays.stream(shape.split("x")).mapToInt(Integer::parseInt).toArray();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "--input-shape is '" + shape + "'; expected positive sizes with x between them, e.g. 3x32x32", e);
        }
    }

    private static List<ValueInfo> inputs(Path network) {
        return (NetworkFile.isBundle(network)
                        ? LinearizationBundle.read(network).forward()
                        : NetworkFile.read(network))
                .inputs();
    }
}
