package org.finitentk.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.finitentk.autodiff.Linearization;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelReader;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/**
 * A linearized network on disk: a folder, or a zip file with the same files, that any ONNX engine can run.
 *
 * <table>
 * <caption>Files</caption>
 * <tr><th>file</th><th>what</th></tr>
 * <tr><td>{@code bundle.json}</td><td>the manifest, below</td></tr>
 * <tr><td>{@code forward.onnx}</td><td>inputs → f</td></tr>
 * <tr><td>{@code jvp.onnx}</td><td>inputs, {@code tangent} [P] → f, {@code jv}: the Jacobian times the tangent</td></tr>
 * <tr><td>{@code vjp.onnx}</td><td>inputs, {@code cotangent} [n, k] → f, {@code vjp} [P]: the transposed Jacobian times the cotangent, summed over the examples</td></tr>
 * <tr><td>{@code parameters.bin}</td><td>θ, little endian, to which the graphs refer as external data. Other producers may leave the weights inside the graphs.</td></tr>
 * </table>
 *
 * <p>A bundle made elsewhere (PyTorch, JAX) needs the manifest and the three graphs. f has the same name in all three, the manifest's; jv has f's shape; tangent,
 * cotangent, jv and vjp have f's type. The manifest:
 *
 * <pre>{@code
 * {
 *   "format": "finite-ntk-bundle",
 *   "version": 1,
 *   "producer": "my exporter 1.0",                                  optional
 *   "source": {"name": "resnet14", "sha256": "…"},                  optional: the model that was linearized
 *   "opset": 21,
 *   "inputs": [{"name": "x", "type": "float", "shape": ["batch", 3, 32, 32]}],
 *   "output": {"name": "f", "type": "float", "shape": ["batch", 10]},
 *   "outputSize": 10,                                               k
 *   "parameterCount": 2432,                                         P
 *   "parameters": [{"name": "conv1.weight", "shape": [16, 3, 3, 3], "offset": 0},
 *                  {"name": "fc.weight", "shape": [10, 200], "offset": 432}],
 *   "files": {"forward.onnx": {"sha256": "…"}, "jvp.onnx": {"sha256": "…"}, "vjp.onnx": {"sha256": "…"}}
 * }
 * }</pre>
 *
 * <p>Types are those of {@link org.finitentk.onnx.ElementType}, in lower case. Every parameter is flattened in C order; offsets follow from the sizes. {@code files} lists
 * every other file of the bundle, external data included; hashes are lower-case hexadecimal. Where forward.onnx has an initializer of a parameter's name and shape, that is
 * the parameter's value, and the parameters can be moved ({@link LinearizedNetwork#at}).
 */
public final class LinearizationBundle {
    private static final String PARAMETERS = "parameters.bin";
    private static final String PRODUCER = "tribuo-finite-ntk " + version();

    private final BundleManifest manifest;
    private final Map<Product, Graph> graphs;

    LinearizationBundle(BundleManifest manifest, Map<Product, Graph> graphs) {
        this.manifest = manifest;
        this.graphs = new EnumMap<>(graphs);
    }

    private static String version() {
        String version = LinearizationBundle.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /**
     * The bundle of a network.
     *
     * @param network the network; parameters moved by {@link LinearizedNetwork#at} are not followed
     * @return its graphs and description
     */
    public static LinearizationBundle of(LinearizedNetwork network) {
        LinearizedGraphs graphs = network.graphs();
        Map<Product, Graph> byProduct = new EnumMap<>(Product.class);
        for (Product product : Product.values()) {
            byProduct.put(product, graphs.graph(product));
        }
        BundleManifest manifest = new BundleManifest(PRODUCER, graphs.name(), graphs.sha256(), Graph.OPSET, graphs.inputs(), graphs.output(), graphs.outputSize(),
            graphs.parameters(), Map.of());
        return new LinearizationBundle(manifest, byProduct);
    }

    /**
     * Reads and verifies a bundle: hashes, names, shapes and types. {@code BundleCheck} verifies the numbers.
     *
     * @param path a folder or zip file
     * @return the bundle
     * @throws InvalidModelException if anything is missing, damaged or contradictory, in one sentence that names the bundle and the reason
     */
    public static LinearizationBundle read(Path path) {
        try {
            return BundleFiles.read(path, LinearizationBundle::readFolder);
        } catch (InvalidModelException e) {
            String message = String.valueOf(e.getMessage());
            throw message.contains("'" + path + "'") ? e : new InvalidModelException("bundle '" + path + "': " + message, e);
        }
    }

    private static LinearizationBundle readFolder(Path folder) {
        BundleManifest manifest = ManifestJson.read(BundleFiles.manifest(folder));
        for (Map.Entry<String, String> file : manifest.files().entrySet()) {
            Path path = folder.resolve(file.getKey());
            if (!Files.isRegularFile(path)) {
                throw new InvalidModelException("it has no file " + file.getKey());
            }
            String found = Hashes.sha256(path);
            if (!found.equals(file.getValue())) {
                throw new InvalidModelException("file " + file.getKey() + " has SHA-256 " + found + ", but " + BundleManifest.FILE + " says " + file.getValue()
                    + ", so one of them was changed or damaged");
            }
        }
        Map<Product, Graph> graphs = new EnumMap<>(Product.class);
        for (Product product : Product.values()) {
            graphs.put(product, ModelReader.read(folder.resolve(BundleManifest.fileOf(product))));
        }
        BundleSignature.verify(manifest, graphs);
        return new LinearizationBundle(manifest, shareInitializers(graphs));
    }

    /** Holds weights that the graphs have in common once. */
    private static Map<Product, Graph> shareInitializers(Map<Product, Graph> graphs) {
        Map<String, Tensor> seen = new HashMap<>();
        Map<Product, Graph> shared = new EnumMap<>(Product.class);
        graphs.forEach((product, graph) -> {
            Map<String, Tensor> initializers = new LinkedHashMap<>();
            graph.initializers().forEach((name, tensor) -> {
                Tensor known = seen.computeIfAbsent(name, unseen -> tensor);
                initializers.put(name, sameContents(known, tensor) ? known : tensor);
            });
            shared.put(product, new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, graph.nodes()));
        });
        return shared;
    }

    private static boolean sameContents(Tensor a, Tensor b) {
        return a == b || a.type() == b.type() && java.util.Arrays.equals(a.shape(), b.shape()) && a.data().equals(b.data());
    }

    /**
     * Writes the bundle; a bundle that is there is replaced at once.
     *
     * @param path a folder, or a file whose name ends in .zip
     * @throws IllegalArgumentException if the path exists and is no bundle
     * @throws UncheckedIOException if it cannot be written
     */
    public void write(Path path) {
        BundleFiles.write(path, this::writeFolder);
    }

    private void writeFolder(Path folder) {
        try {
            Map<String, Long> offsets = writeParameters(folder.resolve(PARAMETERS));
            for (Product product : Product.values()) {
                Graph graph = graph(product);
                Map<String, Long> external = new HashMap<>(offsets);
                external.keySet().removeIf(name -> graph.initializers().get(name) != forward().initializers().get(name));
                Files.write(folder.resolve(BundleManifest.fileOf(product)), ModelWriter.toBytes(graph, PARAMETERS, external));
            }
            Map<String, String> files = new TreeMap<>();
            for (Product product : Product.values()) {
                files.put(BundleManifest.fileOf(product), Hashes.sha256(folder.resolve(BundleManifest.fileOf(product))));
            }
            if (!offsets.isEmpty()) {
                files.put(PARAMETERS, Hashes.sha256(folder.resolve(PARAMETERS)));
            }
            Files.write(folder.resolve(BundleManifest.FILE), ManifestJson.write(manifest.withFiles(files)));
        } catch (IOException e) {
            throw new UncheckedIOException("bundle cannot be written: " + e.getMessage(), e);
        }
    }

    /** Writes those parameters that are initializers, in order, and tells at which byte each starts; writes no file if there are none. */
    private Map<String, Long> writeParameters(Path file) throws IOException {
        Map<String, Long> offsets = new HashMap<>();
        Map<String, Tensor> initializers = forward().initializers();
        if (parameters().stream().noneMatch(parameter -> initializers.containsKey(parameter.name()))) {
            return offsets;
        }
        try (SeekableByteChannel out = Files.newByteChannel(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (Parameter parameter : parameters()) {
                Tensor tensor = initializers.get(parameter.name());
                if (tensor != null) {
                    offsets.put(parameter.name(), out.position());
                    ByteBuffer data = tensor.data();
                    while (data.hasRemaining()) {
                        out.write(data);
                    }
                }
            }
        }
        return offsets;
    }

    BundleManifest manifest() {
        return manifest;
    }

    Graph graph(Product product) {
        return Objects.requireNonNull(graphs.get(product), product.name());
    }

    /**
     * The graph of the network.
     *
     * @return inputs → f
     */
    public Graph forward() {
        return graph(Product.FORWARD);
    }

    /**
     * The graph of forward mode.
     *
     * @return inputs, {@value Linearization#TANGENT} → f, {@value Linearization#JV}
     */
    public Graph jvp() {
        return graph(Product.JVP);
    }

    /**
     * The graph of reverse mode.
     *
     * @return inputs, {@value Linearization#COTANGENT} → f, {@value Linearization#VJP}
     */
    public Graph vjp() {
        return graph(Product.VJP);
    }

    /**
     * The network's inputs.
     *
     * @return names, types and dimensions
     */
    public List<ValueInfo> inputs() {
        return manifest.inputs();
    }

    /**
     * The network's output f.
     *
     * @return name, type and dimensions
     */
    public ValueInfo output() {
        return manifest.output();
    }

    /**
     * The number k of outputs of one example.
     *
     * @return at least 1
     */
    public int outputSize() {
        return manifest.outputSize();
    }

    /**
     * The tangent parameters.
     *
     * @return names, shapes and offsets
     */
    public List<Parameter> parameters() {
        return manifest.parameters();
    }

    /**
     * The number P of parameters' elements.
     *
     * @return at least 1
     */
    public long parameterCount() {
        return manifest.parameterCount();
    }

    /**
     * What made the bundle.
     *
     * @return program and version
     */
    public String producer() {
        return manifest.producer();
    }

    /**
     * Identifies the source model.
     *
     * @return SHA-256 of its bytes as the producer gave it, or of forward.onnx if it gave none
     */
    public String sha256() {
        return manifest.sourceSha256().isEmpty() ? manifest.files().getOrDefault(BundleManifest.fileOf(Product.FORWARD), "") : manifest.sourceSha256();
    }
}
