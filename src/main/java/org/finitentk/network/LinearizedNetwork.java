package org.finitentk.network;

import java.util.List;
import org.finitentk.autodiff.PerExample;
import org.finitentk.internal.util.Hashes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * A network f with parameters θ, and products with its Jacobian J = ∂f/∂θ: f, J v and Jᵀ u of any number of examples.
 *
 * <p>n examples with k outputs each give arrays of n·k numbers, example by example. Examples go through in chunks that
 * fit the memory budget; sums over chunks are in float64. Thread safe. Close it: sessions, opened when first needed,
 * are native memory; closing waits for the work under way, later use fails.
 */
public final class LinearizedNetwork implements AutoCloseable {
    private final NetworkHandles handles;

    private LinearizedNetwork(NetworkHandles handles) {
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
    public static LinearizedNetwork of(Graph graph, ParameterSelection selection, ExecutionSettings settings) {
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
    public static LinearizedNetwork of(
            Graph graph, ParameterSelection selection, String file, String sha256, ExecutionSettings settings) {
        return new LinearizedNetwork(NetworkHandles.of(graph, selection, file, sha256, settings));
    }

    /**
     * Runs graphs, whoever made them.
     *
     * @param graphs of f, J v and Jᵀ u
     * @param settings device, threads, memory
     * @return the network
     */
    public static LinearizedNetwork of(LinearizedGraphs graphs, ExecutionSettings settings) {
        return new LinearizedNetwork(NetworkHandles.of(graphs, settings));
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

    /**
     * The names that the network's file gives to its input's elements and to its outputs, in their metadata.
     *
     * @return empty lists where the file says nothing
     * @throws InvalidModelException if it says what is no list of different names
     */
    public NetworkNames names() {
        return NetworkNames.of(handles.metadata());
    }

    /**
     * The network's inputs.
     *
     * @return names, types and dimensions; the first dimension is the batch
     */
    public List<ValueInfo> inputs() {
        return handles.inputs();
    }

    /**
     * The number k of outputs of one example.
     *
     * @return at least 1
     */
    public int outputSize() {
        return handles.first().outputSize();
    }

    /**
     * The number P of parameters' elements.
     *
     * @return length of θ and of every tangent
     */
    public long parameterCount() {
        return handles.first().parameterCount();
    }

    /**
     * The tangent parameters.
     *
     * @return names, shapes, and offsets in θ
     */
    public List<Parameter> parameters() {
        return handles.first().graphs().parameters();
    }

    /**
     * The type in which the network computes.
     *
     * @return FLOAT or DOUBLE
     */
    public ElementType elementType() {
        return handles.first().elementType();
    }

    /**
     * How the network runs.
     *
     * @return the settings it was opened with
     */
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

    /**
     * Whether this network has other parameters than the source model.
     *
     * @return whether it comes from {@link #at}
     */
    public boolean isMoved() {
        return handles.isMoved();
    }

    /**
     * The parameters θ.
     *
     * @return a new array of length P
     */
    public double[] parameterVector() {
        return handles.first().parameterVector();
    }

    /**
     * The same network at other parameters, with the same sessions, which live until the last of them is closed.
     *
     * @param theta parameters, of length P; copied
     * @return the network at θ, to be closed by the caller
     * @throws IllegalArgumentException if the length is not P
     * @throws IllegalStateException if this is closed, or later if its graphs have their parameters in other forms
     */
    public LinearizedNetwork at(double[] theta) {
        return new LinearizedNetwork(handles.at(theta));
    }

    /**
     * Another handle on this network at the same parameters.
     *
     * @return the handle, to be closed by the caller
     */
    public LinearizedNetwork share() {
        return new LinearizedNetwork(handles.share());
    }

    /**
     * Checks that examples fit the network, without running anything.
     *
     * @param x the examples
     * @throws IllegalArgumentException if an input is missing, unknown or of another type or shape, with both shapes
     */
    public void requireFit(Examples x) {
        handles.requireFit(x);
    }

    /**
     * Refuses a network whose examples influence each other (statistics of the batch, examples along another axis than
     * the first), found once by running a few of the examples: in batches of 1, 2 and 7, with one of them replaced.
     *
     * @param x the examples at hand
     * @throws InvalidModelException if outputs change by more than 1e-4 of the largest when another example is replaced
     * @throws IllegalArgumentException if the examples do not fit the network
     */
    public void requireIndependentExamples(Examples x) {
        handles.requireIndependent(x);
    }

    /**
     * Refuses outputs that are not finite.
     *
     * @param outputs n·k numbers, as {@link #forward} gives
     * @param x the examples that they are of
     * @return the same array
     * @throws NotFiniteException if one is NaN or infinite, naming its example, and the node that makes it so
     */
    public double[] requireFinite(double[] outputs, Examples x) {
        return handles.with(x, products -> products.requireFiniteOutputs(outputs, x));
    }

    /**
     * Refuses predictions that are not finite.
     *
     * @param predictions as many for each example
     * @param x n examples that they are of
     * @return the same array
     * @throws NotFiniteException if one is NaN or infinite, naming its example, and where the network makes it so the
     *     node
     */
    public double[] requireFinitePredictions(double[] predictions, Examples x) {
        return handles.with(x, products -> products.requireFinitePredictions(predictions, x));
    }

    /**
     * Examples that go through at once.
     *
     * @return the chunk size of {@link #vjp}, which needs the most memory; a fixed batch dimension if the network has
     *     one
     */
    public int chunkSize() {
        return handles.first().chunkSize(Product.VJP);
    }

    /**
     * The network's outputs.
     *
     * @param x n examples
     * @return f, n·k numbers
     * @throws IllegalArgumentException if the examples do not fit the network
     */
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

    /**
     * The Jacobian times a tangent.
     *
     * @param x n examples
     * @param v tangent of length P
     * @return J v, n·k numbers
     * @throws IllegalArgumentException if the examples do not fit the network or the length is not P
     */
    public double[] jvp(Examples x, double[] v) {
        return handles.with(x, products -> products.jvp(x, v, null));
    }

    /**
     * Outputs and Jacobian times a tangent in one go, which is the prediction of a linear model on top of the network.
     *
     * @param x n examples
     * @param v tangent of length P
     * @return f and J v
     * @throws IllegalArgumentException if the examples do not fit the network or the length is not P
     */
    public Linearized linearized(Examples x, double[] v) {
        return handles.with(x, products -> {
            double[] f = new double[Math.multiplyExact(x.size(), outputSize())];
            return new Linearized(f, products.jvp(x, v, f));
        });
    }

    /**
     * The Jacobian times several tangents.
     *
     * @param x n examples
     * @param vs tangents of length P
     * @return for each tangent J v, n·k numbers
     * @throws IllegalArgumentException if the examples do not fit the network or a length is not P
     */
    public double[][] jvp(Examples x, double[][] vs) {
        return handles.with(x, products -> products.jvp(x, vs));
    }

    /**
     * The transposed Jacobian times a cotangent, summed over the examples in float64 from chunk to chunk.
     *
     * @param x n examples
     * @param u cotangent, n·k numbers
     * @return Jᵀ u, of length P
     * @throws IllegalArgumentException if the examples do not fit the network or the length is not n·k
     */
    public double[] vjp(Examples x, double[] u) {
        return handles.with(x, products -> products.vjp(x, u));
    }

    /**
     * The transposed Jacobian times several cotangents.
     *
     * @param x n examples
     * @param us cotangents, n·k numbers each
     * @return for each cotangent Jᵀ u, of length P
     * @throws IllegalArgumentException if the examples do not fit the network or a length is not n·k
     */
    public double[][] vjp(Examples x, double[][] us) {
        return handles.with(x, products -> products.vjp(x, us));
    }

    /**
     * The Jacobian at fixed examples, for many products: what does not depend on the vectors is computed by the first
     * and kept, if it fits half of the memory budget, and with what others keep a quarter of the Java heap's limit (to
     * which the JVM holds direct memory too).
     *
     * @param x n examples, whose contents must not change
     * @return products with them; what is kept goes when they are closed or collected
     * @throws IllegalArgumentException if the examples do not fit the network
     */
    public LinearizedExamples keeping(Examples x) {
        requireFit(x);
        return new LinearizedExamples(handles.kept(x), x, settings().effectiveMemoryBudget() / 2);
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

    /**
     * What {@link LinearizedNetwork#linearized} gives.
     *
     * @param outputs f, n·k numbers
     * @param products J v, n·k numbers
     */
    public record Linearized(double[] outputs, double[] products) {}
}
