package org.finitentk.network;

import java.util.List;
import org.finitentk.autodiff.Linearization;
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
 * A network f with parameters θ, and products with its Jacobian J = ∂f/∂θ: outputs f, J v and Jᵀ u, over any number of
 * examples.
 *
 * <p>n examples with k outputs each give arrays of n·k numbers, example by example. Examples go through in chunks that
 * fit the memory budget; sums over chunks are in float64. Safe for use from several threads. Sessions are opened when
 * first needed. Close it: sessions are native memory; closing waits for the work under way and may be repeated, and
 * later use fails with {@link IllegalStateException}.
 */
public final class LinearizedNetwork implements AutoCloseable {
    private final OpenNetwork open;
    private final CheckedProducts products;

    private LinearizedNetwork(OpenNetwork open) {
        this.open = open;
        this.products = new CheckedProducts(open);
    }

    /**
     * Linearizes a graph.
     *
     * @param graph a normalized graph
     * @param selection which initializers are parameters
     * @param settings device, threads, memory
     * @return the network
     * @throws org.finitentk.onnx.InvalidModelException if the graph cannot be differentiated
     */
    public static LinearizedNetwork of(Graph graph, ParameterSelection selection, ExecutionSettings settings) {
        return of(Linearization.of(graph, selection), settings);
    }

    /**
     * Runs a linearization.
     *
     * @param linearization the graphs
     * @param settings device, threads, memory
     * @return the network
     */
    public static LinearizedNetwork of(Linearization linearization, ExecutionSettings settings) {
        return of(
                new DerivedGraphs(linearization, Hashes.sha256(ModelWriter.toBytes(linearization.source()))), settings);
    }

    /**
     * Runs graphs, whoever made them.
     *
     * @param graphs of f, J v and Jᵀ u
     * @param settings device, threads, memory
     * @return the network
     */
    public static LinearizedNetwork of(LinearizedGraphs graphs, ExecutionSettings settings) {
        return new LinearizedNetwork(new OpenNetwork(new SharedSessions(new RunnableGraphs(graphs), settings), null));
    }

    /**
     * The graphs that this network runs.
     *
     * @return as they were derived
     */
    public LinearizedGraphs graphs() {
        return open.graphs().derived();
    }

    /**
     * The names that the network's file gives to its input's elements and to its outputs, in their metadata.
     *
     * @return empty lists where the file says nothing
     * @throws InvalidModelException if it says what is no list of different names
     */
    public NetworkNames names() {
        return NetworkNames.of(open.graphs().metadata());
    }

    /**
     * The network's inputs.
     *
     * @return names, types and dimensions; the first dimension is the batch
     */
    public List<ValueInfo> inputs() {
        return open.graphs().inputs();
    }

    /**
     * The number k of outputs of one example.
     *
     * @return at least 1
     */
    public int outputSize() {
        return open.outputSize();
    }

    /**
     * The number P of parameters' elements.
     *
     * @return length of θ and of every tangent
     */
    public long parameterCount() {
        return open.parameterCount();
    }

    /**
     * The tangent parameters.
     *
     * @return names, shapes, and offsets in θ
     */
    public List<Parameter> parameters() {
        return open.graphs().parameters();
    }

    /**
     * The type in which the network computes.
     *
     * @return FLOAT or DOUBLE
     */
    public ElementType elementType() {
        return open.elementType();
    }

    /**
     * How the network runs.
     *
     * @return the settings it was opened with
     */
    public ExecutionSettings settings() {
        return open.sessions().settings();
    }

    /**
     * The graph of each example's own gradient. It is derived, and its sessions are opened, when first needed; the
     * network and its views keep those used last.
     *
     * @param choice whether a weight's gradient stays factored
     * @param severalCotangents whether each chunk is run with several cotangents, so that the network itself had better
     *     be run once for all of them
     * @return runs it in chunks; the caller closes it. Null when the network's graphs were made elsewhere
     * @throws IllegalStateException if this network is closed
     */
    public @Nullable PerExampleGraph perExample(PerExample.Choice choice, boolean severalCotangents) {
        return PerExampleGraph.open(open, choice, severalCotangents);
    }

    /**
     * Whether this network has other parameters than the source model, so that a graph must take them as inputs.
     *
     * @return whether it comes from {@link #at}
     */
    public boolean isMoved() {
        return open.isMoved();
    }

    /**
     * The parameters θ.
     *
     * @return a new array of length P
     */
    public double[] parameterVector() {
        return open.parameterVector();
    }

    /**
     * The same network at other parameters. It shares this one's sessions, which live until the last of them is closed.
     *
     * @param theta parameters, of length P; copied
     * @return the network at θ, to be closed by the caller
     * @throws IllegalArgumentException if the length is not P
     * @throws IllegalStateException if this network is closed; a network whose graphs were made elsewhere and hold
     *     their parameters in other forms refuses later, when the view is used
     */
    public LinearizedNetwork at(double[] theta) {
        return new LinearizedNetwork(open.at(theta));
    }

    /**
     * Another handle on this network at the same parameters, closed independently.
     *
     * @return the handle, to be closed by the caller
     */
    public LinearizedNetwork share() {
        return new LinearizedNetwork(open.share());
    }

    /**
     * Checks that examples fit the network, without running anything.
     *
     * @param x the examples
     * @throws IllegalArgumentException if an input is missing, unknown or of another type or shape; the message has
     *     both shapes
     */
    public void requireFit(Examples x) {
        open.requireFit(x);
    }

    /**
     * Refuses a network whose examples influence each other (a Softmax, mean or sum over the batch, statistics of the
     * batch, examples along another axis than the first). It is found once for a network and its views, by running a
     * few of the examples: in batches of 1, 2 and 7, with one of them replaced.
     *
     * @param x the examples at hand
     * @throws org.finitentk.onnx.InvalidModelException if an example's outputs change by more than 1e-4 of the largest
     *     output when another is replaced
     * @throws IllegalArgumentException if the examples do not fit the network
     */
    public void requireIndependentExamples(Examples x) {
        requireFit(x);
        ExampleInfluence.requireNone(open, x);
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
        return products.requireFiniteOutputs(outputs, x);
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
        return products.requireFinitePredictions(predictions, x);
    }

    /**
     * Examples that go through at once.
     *
     * @return the chunk size of {@link #vjp}, which needs the most memory; a fixed batch dimension if the network has
     *     one
     */
    public int chunkSize() {
        return open.chunkSize(Product.VJP);
    }

    /**
     * The network's outputs.
     *
     * @param x n examples
     * @return f, n·k numbers
     * @throws IllegalArgumentException if the examples do not fit the network
     */
    public double[] forward(Examples x) {
        return products.forward(x);
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
        return products.outputs(x, product, vector);
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
        return products.jvp(x, v, null);
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
        double[] f = new double[open.resultLength(x)];
        return new Linearized(f, products.jvp(x, v, f));
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
        return products.jvp(x, vs);
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
        return products.vjp(x, u);
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
        return products.vjp(x, us);
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
        return new LinearizedExamples(open, x, settings().effectiveMemoryBudget() / 2);
    }

    /**
     * Products J (Jᵀ u) of fixed examples that stay where the network runs, so that nothing but u and the product is
     * moved: on a GPU, where θ and Jᵀ u would otherwise go over the bus for each.
     *
     * @param x n examples
     * @return the product, which the caller closes before this network; null on a CPU, where chunks that fit its caches
     *     are faster, for graphs with control flow, and where the examples do not go through at once within the memory
     *     budget
     * @throws IllegalArgumentException if the examples do not fit the network
     */
    public @Nullable ResidentProduct resident(Examples x) {
        requireFit(x);
        return ResidentProduct.isWorthwhile(open, x) ? ResidentProduct.of(open, x) : null;
    }

    /** The handle that this network's products run on. */
    OpenNetwork open() {
        return open;
    }

    @Override
    public void close() {
        open.close();
    }

    /**
     * What {@link LinearizedNetwork#linearized} gives.
     *
     * @param outputs f, n·k numbers
     * @param products J v, n·k numbers
     */
    public record Linearized(double[] outputs, double[] products) {}
}
