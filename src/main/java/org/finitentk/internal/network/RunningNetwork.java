package org.finitentk.internal.network;

import java.util.List;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.util.Hashes;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedExamples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/** The network that this library runs, with what its own kernels, checks and files need of it besides. */
public final class RunningNetwork implements LinearizedNetwork {
    private final NetworkHandles handles;

    private RunningNetwork(NetworkHandles handles) {
        this.handles = handles;
    }

    /**
     * Linearizes a graph.
     *
     * @param graph a normalized graph
     * @param selection which initializers are parameters
     * @param settings device, threads, memory
     * @return the network
     * @throws InvalidModelException if the graph cannot be differentiated
     */
    public static RunningNetwork of(Graph graph, ParameterSelection selection, ExecutionSettings settings) {
        return of(graph, selection, "", Hashes.sha256(ModelWriter.toBytes(graph)), settings);
    }

    /**
     * Linearizes the graph of a file.
     *
     * @param graph a normalized graph
     * @param selection which initializers are parameters
     * @param file for messages
     * @param sha256 of the file
     * @param settings device, threads, memory
     * @return the network, whose open sizes besides the batch are those of examples
     * @throws InvalidModelException if the graph cannot be differentiated
     */
    public static RunningNetwork of(
            Graph graph, ParameterSelection selection, String file, String sha256, ExecutionSettings settings) {
        return new RunningNetwork(NetworkHandles.of(graph, selection, file, sha256, settings));
    }

    /**
     * Runs graphs, whoever made them.
     *
     * @param graphs of f, J v and Jᵀ u
     * @param settings device, threads, memory
     * @return the network
     */
    public static RunningNetwork of(LinearizedGraphs graphs, ExecutionSettings settings) {
        return new RunningNetwork(NetworkHandles.of(graphs, settings));
    }

    /**
     * What was opened.
     *
     * @param network one of this library's
     * @return the same network
     * @throws IllegalArgumentException if it is none
     */
    public static RunningNetwork of(LinearizedNetwork network) {
        if (network instanceof RunningNetwork running) {
            return running;
        }
        throw new IllegalArgumentException("the network is of "
                + network.getClass().getName() + "; expected one that NetworkFile or OnnxBackbone has opened");
    }

    /**
     * The graphs that this network runs.
     *
     * @return as they were derived
     */
    public LinearizedGraphs graphs() {
        return handles.first().graphs().derived();
    }

    /** The network before sizes are known. */
    Graph source() {
        return handles.source();
    }

    @Override
    public NetworkNames names() {
        return NetworkNames.of(handles.metadata());
    }

    @Override
    public List<ValueInfo> inputs() {
        return handles.inputs();
    }

    @Override
    public int outputSize() {
        return handles.first().outputSize();
    }

    @Override
    public long parameterCount() {
        return handles.first().parameterCount();
    }

    @Override
    public List<Parameter> parameters() {
        return handles.first().graphs().parameters();
    }

    @Override
    public ElementType elementType() {
        return handles.first().elementType();
    }

    @Override
    public ExecutionSettings settings() {
        return handles.settings();
    }

    /**
     * The graph of each example's own gradient, derived when first needed; those used last are kept.
     *
     * @param like examples of the sizes that it is for; null for those of the first that the network saw
     * @param choice whether a weight's gradient stays factored
     * @param severalCotangents whether a chunk is run with several cotangents, and the network once for all of them
     * @return runs it in chunks; the caller closes it. Null when the network's graphs were made elsewhere
     */
    public @Nullable PerExampleGraph perExample(
            @Nullable Examples like, PerExample.Choice choice, boolean severalCotangents) {
        return handles.perExample(like, choice, severalCotangents);
    }

    /**
     * Whether one graph takes two batches.
     *
     * @param x some examples
     * @param z others
     * @return whether their inputs have the same sizes
     */
    public boolean haveEqualSizes(Examples x, Examples z) {
        return handles.haveEqualSizes(x, z);
    }

    @Override
    public boolean isMoved() {
        return handles.isMoved();
    }

    @Override
    public double[] parameterVector() {
        return handles.first().parameterVector();
    }

    @Override
    public RunningNetwork at(double[] theta) {
        return new RunningNetwork(handles.at(theta));
    }

    @Override
    public RunningNetwork share() {
        return new RunningNetwork(handles.share());
    }

    @Override
    public void requireFit(Examples x) {
        handles.requireFit(x);
    }

    @Override
    public void requireIndependentExamples(Examples x) {
        handles.requireIndependent(x);
    }

    @Override
    public double[] requireFinite(double[] outputs, Examples x) {
        return handles.with(x, products -> products.requireFiniteOutputs(outputs, x));
    }

    @Override
    public double[] requireFinitePredictions(double[] predictions, Examples x) {
        return handles.with(x, products -> products.requireFinitePredictions(predictions, x));
    }

    @Override
    public int chunkSize() {
        return handles.first().chunkSize(Product.VJP);
    }

    @Override
    public double[] forward(Examples x) {
        return handles.with(x, products -> products.forward(x));
    }

    /**
     * The network's outputs, as the graph of a product computes them.
     *
     * @param x n examples
     * @param product which graph
     * @param vector the tangent, of length P, or the cotangent, n·k numbers
     * @return f, n·k numbers, whatever the vector
     * @throws IllegalArgumentException if the examples do not fit the network or the length is another
     */
    public double[] outputs(Examples x, Product product, double[] vector) {
        return handles.with(x, products -> products.outputs(x, product, vector));
    }

    @Override
    public double[] jvp(Examples x, double[] v) {
        return handles.with(x, products -> products.jvp(x, v, null));
    }

    @Override
    public Linearized linearized(Examples x, double[] v) {
        return handles.with(x, products -> {
            double[] f = new double[Math.multiplyExact(x.size(), outputSize())];
            return new Linearized(f, products.jvp(x, v, f));
        });
    }

    @Override
    public double[][] jvp(Examples x, double[][] vs) {
        return handles.with(x, products -> products.jvp(x, vs));
    }

    @Override
    public double[] vjp(Examples x, double[] u) {
        return handles.with(x, products -> products.vjp(x, u));
    }

    @Override
    public double[][] vjp(Examples x, double[][] us) {
        return handles.with(x, products -> products.vjp(x, us));
    }

    @Override
    public LinearizedExamples keeping(Examples x) {
        requireFit(x);
        return new KeptJacobian(handles.kept(x), x, settings().effectiveMemoryBudget() / 2);
    }

    /**
     * Products J (Jᵀ u) of fixed examples that stay on a GPU, so that only u and the product go over the bus.
     *
     * @param x n examples
     * @return the product, which the caller closes before this network; null on a CPU, for graphs with control flow,
     *     and where the examples do not go through at once within the memory budget
     * @throws IllegalArgumentException if the examples do not fit the network
     */
    public @Nullable ResidentProduct resident(Examples x) {
        requireFit(x);
        return handles.resident(x);
    }

    /** The handle that this network's products run on. */
    OpenNetwork open() {
        return handles.first();
    }

    @Override
    public void close() {
        handles.close();
    }
}
