package org.finitentk.finetune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/**
 * Writes a fresh feed-forward network as an ONNX graph, layer by layer, with seeded initial weights:
 *
 * <pre>{@code
 * Graph mlp = NetworkBuilder.withSeed(42).features(5).dense(200).activation(Activation.RELU).dense(1).build();
 * Graph cnn = NetworkBuilder.withSeed(42).initialization(Initialization.HE).images(3, 32, 32)
 *     .convolution(16, 3, 1, 1).activation(Activation.RELU).maxPool(2)
 *     .residual(block -> block.convolution(16, 3, 1, 1)).dense(10).build();
 * }</pre>
 *
 * <p>The input is {@code input} with a dynamic first dimension {@code batch}, the output {@code output} of shape
 * [batch, k]. The i-th layer with weights, counted from 0, has {@code layers.i.weight} and {@code layers.i.bias}: [out,
 * in] for a dense layer (a Gemm with transB = 1), [out, in, kernel, kernel] for a convolution. Every such layer draws
 * from its own split of the seed, so adding a layer does not change the ones before it. Not thread safe; {@link #build}
 * may be called once.
 */
public final class NetworkBuilder {
    /** Name of the network's input. */
    public static final String INPUT = "input";
    /** Name of the network's output. */
    public static final String OUTPUT = "output";
    /** Name of the dynamic first dimension. */
    public static final String BATCH = "batch";

    private final SplittableRandom random;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Tensor> initializers = new LinkedHashMap<>();
    private Initialization initialization = Initialization.PYTORCH;
    private ElementType type = ElementType.FLOAT;
    /** Dimensions of the input and of the current value, without the batch; empty until the input is declared. */
    private int[] inputShape = {};

    private int[] shape = {};
    private String value = INPUT;
    private int layers;
    private boolean built;

    private NetworkBuilder(long seed) {
        random = new SplittableRandom(seed);
    }

    /**
     * Starts a network.
     *
     * @param seed seed of all initial weights; the same calls with the same seed give the same graph
     * @return a builder that awaits {@link #features} or {@link #images}
     */
    public static NetworkBuilder withSeed(long seed) {
        return new NetworkBuilder(seed);
    }

    /**
     * A multilayer perceptron in float32 with PyTorch's default initialization.
     *
     * @param inputSize number of features
     * @param hiddenSizes sizes of the hidden layers; none for a linear model
     * @param outputSize number of outputs k
     * @param activation nonlinearity after every hidden layer
     * @param seed seed of the initial weights
     * @return the graph
     * @throws IllegalArgumentException if a size is not positive
     */
    public static Graph mlp(
            int inputSize, List<Integer> hiddenSizes, int outputSize, Activation activation, long seed) {
        NetworkBuilder builder = withSeed(seed).features(inputSize);
        for (int size : hiddenSizes) {
            builder.dense(size).activation(activation);
        }
        return builder.dense(outputSize).build();
    }

    /**
     * Chooses how the layers that are added after this call are initialized.
     *
     * @param scheme the scheme; PYTORCH unless told
     * @return this
     */
    public NetworkBuilder initialization(Initialization scheme) {
        initialization = scheme;
        return this;
    }

    /**
     * Chooses the precision of input, weights and output; before the input is declared.
     *
     * @param elementType FLOAT (unless told) or DOUBLE
     * @return this
     * @throws IllegalArgumentException if it is another type
     * @throws IllegalStateException if the input was declared already
     */
    public NetworkBuilder elementType(ElementType elementType) {
        if (!elementType.isDifferentiable()) {
            throw new IllegalArgumentException(
                    "a network of element type " + elementType + " cannot be trained; expected FLOAT or DOUBLE");
        }
        requireNoInput("elementType");
        type = elementType;
        return this;
    }

    /**
     * Declares an input of shape [batch, size].
     *
     * @param size number of features
     * @return this
     * @throws IllegalArgumentException if it is not positive
     * @throws IllegalStateException if the input was declared already
     */
    public NetworkBuilder features(int size) {
        requireNoInput("features");
        requirePositive("number of input features", size);
        return input(size);
    }

    /**
     * Declares an input of shape [batch, channels, height, width].
     *
     * @param channels number of channels
     * @param height rows
     * @param width columns
     * @return this
     * @throws IllegalArgumentException if one is not positive
     * @throws IllegalStateException if the input was declared already
     */
    public NetworkBuilder images(int channels, int height, int width) {
        requireNoInput("images");
        requirePositive("number of input channels", channels);
        requirePositive("image height", height);
        requirePositive("image width", width);
        return input(channels, height, width);
    }

    private NetworkBuilder input(int... dims) {
        inputShape = dims;
        shape = dims;
        return this;
    }

    /**
     * Adds, for every entry, a 3×3 convolution with padding 1, the nonlinearity and 2×2 max pooling.
     *
     * @param channels output channels of each convolution
     * @param activation nonlinearity after every convolution
     * @return this
     * @throws IllegalArgumentException if a size is not positive or pooling leaves nothing of the image
     * @throws IllegalStateException if the current value is not an image
     */
    public NetworkBuilder convolutions(List<Integer> channels, Activation activation) {
        for (int out : channels) {
            convolution(out, 3, 1, 1).activation(activation).maxPool(2);
        }
        return this;
    }

    /**
     * Adds a dense layer with bias; an image is flattened first.
     *
     * @param size number of outputs
     * @return this
     * @throws IllegalArgumentException if it is not positive or the weight has more than 2³¹ − 1 elements
     * @throws IllegalStateException if no input was declared
     */
    public NetworkBuilder dense(int size) {
        requireInput();
        requirePositive("size of dense layer " + layers, size);
        flatten();
        String layer = parameters(new int[] {size, shape[0]}, shape[0], size);
        return append(
                "Gemm",
                List.of(value, layer + ".weight", layer + ".bias"),
                layer,
                new Attributes().integer("transB", 1),
                size);
    }

    /**
     * Adds a convolution with a square kernel and bias.
     *
     * @param channels output channels
     * @param kernel kernel height and width
     * @param stride step in both directions
     * @param padding zeros added on every side
     * @return this
     * @throws IllegalArgumentException if a size is not positive (padding: negative) or the padded image is smaller
     *     than the kernel
     * @throws IllegalStateException if the current value is not an image
     */
    public NetworkBuilder convolution(int channels, int kernel, int stride, int padding) {
        requireImage("convolution");
        requirePositive("number of channels of convolution " + layers, channels);
        int[] out = windowed("convolution " + layers, channels, kernel, stride, padding);
        double area = (double) kernel * kernel;
        String layer = parameters(new int[] {channels, shape[0], kernel, kernel}, shape[0] * area, channels * area);
        Attributes attributes = window(kernel, stride).integers("pads", padding, padding, padding, padding);
        return append("Conv", List.of(value, layer + ".weight", layer + ".bias"), layer, attributes, out);
    }

    /**
     * Adds max pooling over windows that do not overlap; what is left over at the right and bottom edge is dropped.
     *
     * @param size window height, width and stride
     * @return this
     * @throws IllegalArgumentException if it is not positive or the image is smaller
     * @throws IllegalStateException if the current value is not an image
     */
    public NetworkBuilder maxPool(int size) {
        return pool("MaxPool", size);
    }

    /**
     * Adds average pooling over windows that do not overlap; what is left over at the right and bottom edge is dropped.
     *
     * @param size window height, width and stride
     * @return this
     * @throws IllegalArgumentException if it is not positive or the image is smaller
     * @throws IllegalStateException if the current value is not an image
     */
    public NetworkBuilder averagePool(int size) {
        return pool("AveragePool", size);
    }

    private NetworkBuilder pool(String operator, int size) {
        requireImage(operator);
        int[] out = windowed(operator, shape[0], size, size, 0);
        return append(operator, List.of(value), operator.toLowerCase(Locale.ROOT), window(size, size), out);
    }

    private static Attributes window(int size, int stride) {
        return new Attributes().integers("kernel_shape", size, size).integers("strides", stride, stride);
    }

    /**
     * Averages each channel over the whole image.
     *
     * @return this
     * @throws IllegalStateException if the current value is not an image
     */
    public NetworkBuilder globalAveragePool() {
        requireImage("globalAveragePool");
        return append("GlobalAveragePool", List.of(value), "globalaveragepool", new Attributes(), shape[0], 1, 1);
    }

    /**
     * Adds a nonlinearity.
     *
     * @param activation which one
     * @return this
     * @throws IllegalStateException if no input was declared
     */
    public NetworkBuilder activation(Activation activation) {
        requireInput();
        String operator = activation.operator();
        return append(operator, List.of(value), operator.toLowerCase(Locale.ROOT), new Attributes(), shape);
    }

    /**
     * Adds layers around which their input leads: it is added to what they make of it.
     *
     * @param block adds them to the builder that it is given, which is this one
     * @return this
     * @throws IllegalArgumentException if they end in another shape than they begin with
     * @throws IllegalStateException if no input was declared
     */
    public NetworkBuilder residual(Consumer<NetworkBuilder> block) {
        requireInput();
        String before = value;
        int[] own = shape;
        block.accept(this);
        if (!Arrays.equals(own, shape)) {
            throw new IllegalArgumentException("a residual block makes " + Arrays.toString(shape) + " of "
                    + Arrays.toString(own) + "; expected the same shape, to which its input can be added");
        }
        return append("Add", List.of(value, before), "add", new Attributes(), own);
    }

    /**
     * Ends the network; its last value becomes the output, flattened if it is an image.
     *
     * @return the graph
     * @throws IllegalStateException if no layer with weights was added, or if the graph was built already
     */
    public Graph build() {
        if (built) {
            throw new IllegalStateException(
                    "this builder has built its network already; start another one with withSeed");
        }
        if (layers == 0) {
            throw new IllegalStateException("the network has no layer with weights; add dense or convolution first");
        }
        flatten();
        built = true;
        Node last = nodes.remove(nodes.size() - 1);
        nodes.add(new Node(last.name(), last.domain(), last.op(), last.inputs(), List.of(OUTPUT), last.attributes()));
        return new Graph(
                "network", List.of(info(INPUT, inputShape)), List.of(info(OUTPUT, shape)), initializers, nodes);
    }

    private ValueInfo info(String name, int[] dims) {
        List<String> all = new ArrayList<>(List.of(BATCH));
        Arrays.stream(dims).mapToObj(Integer::toString).forEach(all::add);
        return new ValueInfo(name, type, all);
    }

    private void flatten() {
        if (shape.length > 1) {
            append("Flatten", List.of(value), "flatten", new Attributes(), elements(shape));
        }
    }

    /** Draws weight and bias of the next layer; returns the prefix of their names. */
    private String parameters(int[] weightShape, double fanIn, double fanOut) {
        String layer = "layers." + layers++;
        SplittableRandom own = random.split();
        double[] weight = initialization.weights(elements(weightShape), fanIn, fanOut, own);
        double[] bias = initialization.biases(weightShape[0], fanIn, own);
        long[] dims = Arrays.stream(weightShape).asLongStream().toArray();
        initializers.put(layer + ".weight", Tensor.ofReals(type, weight, dims));
        initializers.put(layer + ".bias", Tensor.ofReals(type, bias, bias.length));
        return layer;
    }

    private NetworkBuilder append(
            String operator, List<String> inputs, String stem, Attributes attributes, int... newShape) {
        String name = "/" + stem + (stem.startsWith("layers.") ? "" : "." + nodes.size());
        String output = name + "/output";
        nodes.add(new Node(name, "", operator, inputs, List.of(output), attributes.build()));
        value = output;
        shape = newShape;
        return this;
    }

    private int[] windowed(String what, int channels, int kernel, int stride, int padding) {
        requirePositive("kernel size of " + what, kernel);
        requirePositive("stride of " + what, stride);
        if (padding < 0) {
            throw new IllegalArgumentException("the padding of " + what + " is " + padding + "; expected 0 or more");
        }
        int height = shape[1] + 2 * padding;
        int width = shape[2] + 2 * padding;
        if (height < kernel || width < kernel) {
            throw new IllegalArgumentException(
                    what + " with kernel " + kernel + " and padding " + padding + " does not fit its input of "
                            + shape[1] + "x" + shape[2] + "; use a smaller kernel or fewer layers");
        }
        return new int[] {channels, (height - kernel) / stride + 1, (width - kernel) / stride + 1};
    }

    private static int elements(int[] dims) {
        long count = Tensor.count(Arrays.stream(dims).asLongStream().toArray());
        if (count > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("an array of shape " + Arrays.toString(dims) + " has " + count
                    + " elements; expected at most " + Integer.MAX_VALUE);
        }
        return (int) count;
    }

    private void requireNoInput(String call) {
        if (inputShape.length > 0) {
            throw new IllegalStateException(call + " was called after the network's input was declared; call it first");
        }
    }

    private void requireInput() {
        if (inputShape.length == 0) {
            throw new IllegalStateException("the network has no input yet; call features or images first");
        }
    }

    private void requireImage(String call) {
        requireInput();
        if (shape.length != 3) {
            throw new IllegalStateException(call
                    + " needs an image [channels, height, width], but the current value has shape "
                    + Arrays.toString(shape) + "; put it before the first dense layer of a network made with images");
        }
    }

    private static void requirePositive(String what, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException("the " + what + " is " + value + "; expected at least 1");
        }
    }
}
