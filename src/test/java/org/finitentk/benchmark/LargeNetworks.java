package org.finitentk.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/**
 * Writes networks of the size that people download, with random weights: {@code resnet18} (11.7 million weights, 1000
 * outputs) and {@code minilm} (an encoder of sentences with 22.6 million weights, half of them the vocabulary's table),
 * and a file of inputs beside each.
 *
 * <pre>{@code
 * java -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.LargeNetworks resnet18 1 FOLDER
 * java -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.LargeNetworks minilm 64 FOLDER
 * java -Xmx4g -jar target/tribuo-finite-ntk.jar kernel FOLDER/resnet18.onnx --inputs FOLDER/resnet18_x.npy --out K.npy
 * }</pre>
 */
public final class LargeNetworks {
    private static final int VOCABULARY = 30_522;
    private static final int TOKENS = 32;
    private static final int WIDE = 384;
    private static final int HEADS = 12;

    private final SplittableRandom random = new SplittableRandom(1);
    private final Map<String, Tensor> weights = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();

    private LargeNetworks() {}

    /**
     * Writes a network and its inputs.
     *
     * @param arguments which network, how many examples, the folder
     * @throws IOException if a file cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        String name = arguments[0];
        int n = Integer.parseInt(arguments[1]);
        Path folder = Path.of(arguments[2]);
        SplittableRandom random = new SplittableRandom(2);
        if (name.equals("resnet18")) {
            ModelWriter.write(resnet18(), folder.resolve("resnet18.onnx"));
            float[] pixels = new float[n * 3 * 224 * 224];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (float) random.nextGaussian();
            }
            write(folder.resolve("resnet18_x.npy"), "<f4", Tensor.ofFloats(pixels, n, 3, 224, 224));
        } else {
            ModelWriter.write(miniLm(), folder.resolve("minilm.onnx"));
            long[] ids = new long[n * TOKENS];
            long[] mask = new long[n * TOKENS];
            for (int i = 0; i < n; i++) {
                int length = 8 + random.nextInt(TOKENS - 8);
                for (int t = 0; t < length; t++) {
                    ids[i * TOKENS + t] = 1 + random.nextInt(VOCABULARY - 1);
                    mask[i * TOKENS + t] = 1;
                }
            }
            write(folder.resolve("minilm_ids.npy"), "<i8", Tensor.ofLongs(ids, n, TOKENS));
            write(folder.resolve("minilm_mask.npy"), "<i8", Tensor.ofLongs(mask, n, TOKENS));
        }
    }

    /** NumPy's format, version 1. */
    private static void write(Path file, String type, Tensor tensor) throws IOException {
        StringBuilder shape = new StringBuilder();
        for (long dim : tensor.shape()) {
            shape.append(dim).append(", ");
        }
        StringBuilder head =
                new StringBuilder("{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }");
        while ((head.length() + 11) % 64 != 0) {
            head.append(' ');
        }
        ByteBuffer bytes = ByteBuffer.allocate(
                        10 + head.length() + 1 + tensor.data().remaining())
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 0x93)
                .put("NUMPY".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) (head.length() + 1));
        bytes.put(head.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .put((byte) '\n')
                .put(tensor.data());
        Files.write(file, bytes.array());
    }

    /**
     * A residual network as for ImageNet, its normalizations folded into the convolutions.
     *
     * @return x [batch, 3, 224, 224] to y [batch, 1000]
     */
    static Graph resnet18() {
        LargeNetworks net = new LargeNetworks();
        String value = net.relu(net.conv("x", 3, 64, 7, 2));
        value = net.emit(
                "MaxPool",
                new Attributes()
                        .integers("kernel_shape", 3, 3)
                        .integers("strides", 2, 2)
                        .integers("pads", 1, 1, 1, 1),
                value);
        long from = 64;
        for (long to : new long[] {64, 128, 256, 512}) {
            for (int block = 0; block < 2; block++) {
                int stride = to != from ? 2 : 1;
                String shortcut = stride == 2 ? net.conv(value, from, to, 1, 2) : value;
                String inner = net.relu(net.conv(value, from, to, 3, stride));
                value = net.relu(net.emit("Add", new Attributes(), net.conv(inner, to, to, 3, 1), shortcut));
                from = to;
            }
        }
        String pooled = net.emit("Flatten", new Attributes(), net.emit("GlobalAveragePool", new Attributes(), value));
        net.linear(pooled, 512, 1000, "y");
        return net.graph(
                "resnet18", "y", "1000", new ValueInfo("x", ElementType.FLOAT, List.of("batch", "3", "224", "224")));
    }

    /**
     * An encoder of sentences like all-MiniLM-L6, with one output.
     *
     * @return ids and mask [batch, 32] to y [batch, 1]
     */
    static Graph miniLm() {
        LargeNetworks net = new LargeNetworks();
        String words = net.emit("Gather", new Attributes(), net.weight("words", 0.05, VOCABULARY, WIDE), "ids");
        String places = net.emit(
                "Gather",
                new Attributes(),
                net.weight("places", 0.05, 512, WIDE),
                net.constant("positions", positions()));
        String value = net.normalized(net.emit("Add", new Attributes(), words, places));
        String mask = net.emit("Cast", new Attributes().integer("to", 1), "mask");
        String wide = net.emit("Unsqueeze", new Attributes(), mask, net.constant("axes12", Tensor.vector(1, 2)));
        String away = net.emit(
                "Mul",
                new Attributes(),
                net.emit("Sub", new Attributes(), wide, net.constant("one", Tensor.ofFloats(new float[] {1}))),
                net.constant("far", Tensor.ofFloats(new float[] {10_000})));
        for (int layer = 0; layer < 6; layer++) {
            String attended = net.attention(value, away);
            value = net.normalized(net.emit("Add", new Attributes(), value, attended));
            String inner = net.emit("Gelu", new Attributes(), net.projection(value, WIDE, 4 * WIDE));
            value = net.normalized(net.emit("Add", new Attributes(), value, net.projection(inner, 4 * WIDE, WIDE)));
        }
        String pooled = net.emit(
                "ReduceMean", new Attributes().integer("keepdims", 0), value, net.constant("axis1", Tensor.vector(1)));
        net.linear(pooled, WIDE, 1, "y");
        return net.graph(
                "minilm",
                "y",
                "1",
                new ValueInfo("ids", ElementType.INT64, List.of("batch", Integer.toString(TOKENS))),
                new ValueInfo("mask", ElementType.INT64, List.of("batch", Integer.toString(TOKENS))));
    }

    private static Tensor positions() {
        long[] positions = new long[TOKENS];
        for (int t = 0; t < TOKENS; t++) {
            positions[t] = t;
        }
        return Tensor.ofLongs(positions, 1, TOKENS);
    }

    private String attention(String value, String away) {
        String q = heads(value, 0, 2, 1, 3);
        String k = heads(value, 0, 2, 3, 1);
        String v = heads(value, 0, 2, 1, 3);
        String scores = emit(
                "Mul",
                new Attributes(),
                emit("MatMul", new Attributes(), q, k),
                constant("scale", Tensor.ofFloats(new float[] {(float) Math.sqrt(1.0 * HEADS / WIDE)})));
        String attended = emit(
                "MatMul",
                new Attributes(),
                emit("Softmax", new Attributes().integer("axis", -1), emit("Add", new Attributes(), scores, away)),
                v);
        String joined = emit(
                "Reshape",
                new Attributes(),
                emit("Transpose", new Attributes().integers("perm", 0, 2, 1, 3), attended),
                constant("joined", Tensor.vector(0, TOKENS, WIDE)));
        return projection(joined, WIDE, WIDE);
    }

    private String heads(String value, long... perm) {
        String split = emit(
                "Reshape",
                new Attributes(),
                projection(value, WIDE, WIDE),
                constant("split", Tensor.vector(0, TOKENS, HEADS, WIDE / HEADS)));
        return emit("Transpose", new Attributes().integers("perm", perm), split);
    }

    private String projection(String value, long from, long to) {
        String product = emit(
                "MatMul",
                new Attributes(),
                value,
                weight("w" + weights.size(), 1 / Math.sqrt((double) from), from, to));
        return emit("Add", new Attributes(), product, weight("b" + weights.size(), 0.02, to));
    }

    private String normalized(String value) {
        Tensor ones = Tensor.ofReals(
                ElementType.FLOAT,
                java.util.stream.DoubleStream.generate(() -> 1).limit(WIDE).toArray(),
                WIDE);
        String scale = "g" + weights.size();
        weights.put(scale, ones);
        return emit(
                "LayerNormalization",
                new Attributes().integer("axis", -1),
                value,
                scale,
                weight("c" + weights.size(), 0.02, WIDE));
    }

    private String conv(String value, long from, long to, long size, long stride) {
        long pad = size / 2;
        Attributes attributes = new Attributes()
                .integers("kernel_shape", size, size)
                .integers("strides", stride, stride)
                .integers("pads", pad, pad, pad, pad);
        return emit(
                "Conv",
                attributes,
                value,
                weight("w" + weights.size(), Math.sqrt(1.0 / (from * size * size)), to, from, size, size),
                weight("b" + weights.size(), 0.1, to));
    }

    private String relu(String value) {
        return emit("Relu", new Attributes(), value);
    }

    private void linear(String value, long from, long to, String output) {
        String w = weight("w" + weights.size(), 1 / Math.sqrt((double) from), from, to);
        nodes.add(new Node(
                output,
                "",
                "Gemm",
                List.of(value, w, weight("b" + weights.size(), 0.1, to)),
                List.of(output),
                Map.of()));
    }

    private String weight(String name, double scale, long... shape) {
        double[] values = new double[(int) Tensor.count(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = scale * random.nextGaussian();
        }
        return constant(name, Tensor.ofReals(ElementType.FLOAT, values, shape));
    }

    private String constant(String name, Tensor tensor) {
        weights.put(name, tensor);
        return name;
    }

    private String emit(String op, Attributes attributes, String... inputs) {
        String output = "v" + nodes.size();
        nodes.add(new Node(op + "_" + nodes.size(), "", op, List.of(inputs), List.of(output), attributes.build()));
        return output;
    }

    private Graph graph(String name, String output, String size, ValueInfo... inputs) {
        return new Graph(
                name,
                List.of(inputs),
                List.of(new ValueInfo(output, ElementType.FLOAT, List.of("batch", size))),
                weights,
                nodes);
    }
}
