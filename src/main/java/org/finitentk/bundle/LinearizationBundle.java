package org.finitentk.bundle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.network.LinearizedGraphs;
import org.finitentk.internal.network.Product;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.ExternalWeights;
import org.finitentk.internal.onnx.ForbiddenOperators;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.internal.util.Hashes;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkView;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Pooling;
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
 * <tr><td>{@code parameters.bin}</td><td>θ, little endian, and after it other large weights, to which the graphs refer as external data. Other producers may leave the weights inside
 * the graphs.</td></tr>
 * </table>
 *
 * <p>A bundle made elsewhere (PyTorch by {@code examples/python/export_bundle.py}, JAX) needs the manifest and the
 * three graphs. f has the same name in all three, the manifest's; jv has f's shape; tangent, cotangent, jv and vjp have
 * f's type. The manifest:
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
 * <p>Types are those of {@link org.finitentk.onnx.ElementType}, in lower case. Every parameter is flattened in C order;
 * offsets follow from the sizes. {@code files} lists every other file of the bundle, external data included; hashes are
 * lower-case hexadecimal. Where forward.onnx has an initializer of a parameter's name and shape, that is the
 * parameter's value, and the parameters can be moved ({@link LinearizedNetwork#at}).
 */
public final class LinearizationBundle {
    static final String PARAMETERS = "parameters.bin";
    /** A protobuf message cannot be larger. */
    private static final long MAX_GRAPH = Integer.MAX_VALUE - 8L;

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
        LinearizedGraphs graphs = RunningNetwork.of(network).graphs();
        Map<Product, Graph> byProduct = new EnumMap<>(Product.class);
        for (Product product : Product.values()) {
            byProduct.put(product, graphs.graph(product).withMetadata(graphs.metadata()));
        }
        BundleManifest manifest = new BundleManifest(
                PRODUCER,
                graphs.name(),
                graphs.sha256(),
                Graph.OPSET,
                graphs.inputs(),
                graphs.output(),
                graphs.outputSize(),
                graphs.parameters(),
                Map.of());
        return new LinearizationBundle(manifest, byProduct);
    }

    /**
     * Reads and verifies a bundle: hashes, names, shapes and types. {@code LinearizationCheck} verifies the numbers.
     *
     * @param path a folder or zip file
     * @return the bundle
     * @throws InvalidModelException if anything is missing, damaged or contradictory, in one sentence that names the
     *     bundle and the reason
     */
    public static LinearizationBundle read(Path path) {
        try {
            return BundleFiles.read(path, LinearizationBundle::readFolder);
        } catch (InvalidModelException e) {
            String message = String.valueOf(e.getMessage());
            throw message.contains("'" + path + "'")
                    ? e
                    : new InvalidModelException("bundle '" + path + "': " + message, e);
        }
    }

    /**
     * Opens the network that this is of.
     *
     * @param selection the default, or the names of this bundle's parameters
     * @param settings device, threads, memory
     * @return the network, which the caller closes
     * @throws IllegalArgumentException if other parameters are selected, for this bundle's are fixed
     */
    public LinearizedNetwork open(ParameterSelection selection, ExecutionSettings settings) {
        String name = manifest.sourceName();
        if (selection.include() != null || selection.exclude() != null) {
            throw new IllegalArgumentException("'" + name
                    + "' is a bundle, whose parameters are fixed; select parameters when the bundle is made");
        }
        List<String> names = parameters().stream().map(Parameter::name).toList();
        if (!selection.names().isEmpty() && !selection.names().equals(names)) {
            throw new IllegalArgumentException("'" + name + "' is a bundle with the parameters " + names + ", but "
                    + selection.names() + " are asked for; the model is damaged");
        }
        return RunningNetwork.of(new BundleGraphs(this), settings);
    }

    /**
     * Refuses another view of the network than this bundle's.
     *
     * @param view what is wanted
     * @param name how messages call the bundle
     * @throws IllegalArgumentException if another output is wanted, or sizes that the graphs do not have
     */
    public void requireOwn(NetworkView view, String name) {
        if (!view.output().isEmpty() && !view.output().equals(manifest.output().name())
                || view.pooling() != Pooling.NONE) {
            throw new IllegalArgumentException("'" + name + "' is a bundle, whose graphs are of its own output '"
                    + manifest.output().name()
                    + "'; expected no other output and no pooling, which can be chosen of an "
                    + "ONNX model");
        }
        if (!view.inputs().on(inputs()).equals(inputs())
                || !view.values().values().isEmpty()) {
            throw new IllegalArgumentException("'" + name + "' is a bundle, whose graphs take the sizes that examples "
                    + "have; expected no input shape and no input value, which can be given when the bundle is made");
        }
    }

    private static String sha256(Path file) {
        try {
            return Hashes.sha256(file);
        } catch (IOException e) {
            throw new InvalidModelException("file '" + file + "' cannot be read: " + e.getMessage(), e);
        }
    }

    private static LinearizationBundle readFolder(Path folder) {
        BundleManifest manifest = ManifestJson.read(BundleFiles.manifest(folder));
        ExternalWeights weights = new ExternalWeights(folder);
        for (Map.Entry<String, String> file : manifest.files().entrySet()) {
            BundleFiles.inside(folder, file.getKey());
            String found = sha256(weights.file(file.getKey()));
            if (!found.equals(file.getValue())) {
                throw new InvalidModelException("file " + file.getKey() + " has SHA-256 " + found + ", but "
                        + BundleManifest.FILE + " says " + file.getValue() + ", so one of them was changed or damaged");
            }
        }
        Map<Product, Graph> graphs = new EnumMap<>(Product.class);
        for (Product product : Product.values()) {
            graphs.put(
                    product,
                    graph(
                            folder,
                            BundleManifest.fileOf(product),
                            weights,
                            manifest.files().keySet()));
        }
        weights.requireUnchanged();
        BundleSignature.verify(manifest, graphs);
        graphs.values()
                .forEach(graph ->
                        graph.outputs().forEach(output -> ForbiddenOperators.requireNone(graph, output.name())));
        return new LinearizationBundle(manifest, shareInitializers(graphs));
    }

    /** Messages give the file's name in the bundle: a zip's files are read from a temporary folder. */
    private static Graph graph(Path folder, String file, ExternalWeights weights, Set<String> listed) {
        try {
            long size = Files.size(folder.resolve(file));
            if (size > MAX_GRAPH) {
                throw new InvalidModelException("file " + file + " has " + size
                        + " bytes; an ONNX file can have at most 2 GiB, larger weights belong into external data");
            }
            byte[] model = Files.readAllBytes(folder.resolve(file));
            Graph graph = ModelReader.readSharing(model, file, weights);
            ExternalData.requireListed(file, model, listed);
            return graph;
        } catch (IOException e) {
            throw new InvalidModelException("file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Holds weights that the graphs have in common once. */
    private static Map<Product, Graph> shareInitializers(Map<Product, Graph> graphs) {
        Map<String, Tensor> seen = new HashMap<>();
        Map<Product, Graph> shared = new EnumMap<>(Product.class);
        graphs.forEach((product, graph) -> {
            Map<String, Tensor> initializers = new LinkedHashMap<>();
            graph.initializers().forEach((name, tensor) -> {
                Tensor known = seen.computeIfAbsent(name, unseen -> tensor);
                initializers.put(name, known.hasContentOf(tensor) ? known : tensor);
            });
            Graph same = new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, graph.nodes());
            shared.put(product, same.withMetadata(graph.metadata()));
        });
        return shared;
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

    private void writeFolder(Path folder) throws IOException {
        SharedWeights weights = SharedWeights.of(parameters(), graphs.values());
        weights.write(folder.resolve(PARAMETERS));
        Map<String, String> files = new TreeMap<>();
        for (Product product : Product.values()) {
            Path file = folder.resolve(BundleManifest.fileOf(product));
            Files.write(file, ModelWriter.toBytes(graph(product), PARAMETERS, weights.offsets(graph(product))));
            files.put(BundleManifest.fileOf(product), Hashes.sha256(file));
        }
        if (!weights.isEmpty()) {
            files.put(PARAMETERS, Hashes.sha256(folder.resolve(PARAMETERS)));
        }
        Files.write(folder.resolve(BundleManifest.FILE), ManifestJson.write(manifest.written(sha256(), files)));
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
        return manifest.sourceSha256().isEmpty()
                ? manifest.files().getOrDefault(BundleManifest.fileOf(Product.FORWARD), "")
                : manifest.sourceSha256();
    }
}
