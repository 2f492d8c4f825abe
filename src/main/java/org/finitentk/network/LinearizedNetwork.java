package org.finitentk.network;

import java.util.List;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ValueInfo;

/**
 * A network f with parameters θ, and products with its Jacobian J = ∂f/∂θ: f, J v and Jᵀ u of any number of examples.
 * {@code NetworkFile} opens a file's and {@code NetworkFile.linearize} a graph's; no other implementation is taken.
 *
 * <p>n examples with k outputs each give arrays of n·k numbers, example by example. Examples go through in chunks that
 * fit the memory budget; sums over chunks are in float64. Thread safe. Close it: sessions, opened when first needed,
 * are native memory; closing waits for the work under way, later use fails.
 */
public interface LinearizedNetwork extends AutoCloseable {
    /**
     * The names that the network's file gives to its input's elements and to its outputs, in their metadata.
     *
     * @return empty lists where the file says nothing
     * @throws InvalidModelException if it says what is no list of different names
     */
    NetworkNames names();

    /**
     * The network's inputs.
     *
     * @return names, types and dimensions; the first dimension is the batch
     */
    List<ValueInfo> inputs();

    /**
     * The number k of outputs of one example.
     *
     * @return at least 1
     */
    int outputSize();

    /**
     * The number P of parameters' elements.
     *
     * @return length of θ and of every tangent
     */
    long parameterCount();

    /**
     * The tangent parameters.
     *
     * @return names, shapes, and offsets in θ
     */
    List<Parameter> parameters();

    /**
     * The type in which the network computes.
     *
     * @return FLOAT or DOUBLE
     */
    ElementType elementType();

    /**
     * How the network runs.
     *
     * @return the settings it was opened with
     */
    ExecutionSettings settings();

    /**
     * Whether this network has other parameters than the source model.
     *
     * @return whether it comes from {@link #at}
     */
    boolean isMoved();

    /**
     * The parameters θ.
     *
     * @return a new array of length P
     */
    double[] parameterVector();

    /**
     * The same network at other parameters, with the same sessions, which live until the last of them is closed.
     *
     * @param theta parameters, of length P; copied
     * @return the network at θ, to be closed by the caller
     * @throws IllegalArgumentException if the length is not P
     * @throws IllegalStateException if this is closed, or later if its graphs have their parameters in other forms
     */
    LinearizedNetwork at(double[] theta);

    /**
     * Another handle on this network at the same parameters.
     *
     * @return the handle, to be closed by the caller
     */
    LinearizedNetwork share();

    /**
     * Checks that examples fit the network, without running anything.
     *
     * @param x the examples
     * @throws IllegalArgumentException if an input is missing, unknown or of another type or shape, with both shapes
     */
    void requireFit(Examples x);

    /**
     * Refuses a network whose examples influence each other (statistics of the batch, examples along another axis than
     * the first), found once by running a few of the examples: in batches of 1, 2 and 7, with one of them replaced.
     *
     * @param x the examples at hand
     * @throws InvalidModelException if outputs change by more than 1e-4 of the largest when another example is replaced
     * @throws IllegalArgumentException if the examples do not fit the network
     */
    void requireIndependentExamples(Examples x);

    /**
     * Refuses outputs that are not finite.
     *
     * @param outputs n·k numbers, as {@link #forward} gives
     * @param x the examples that they are of
     * @return the same array
     * @throws NotFiniteException if one is NaN or infinite, naming its example, and the node that makes it so
     */
    double[] requireFinite(double[] outputs, Examples x);

    /**
     * Refuses predictions that are not finite.
     *
     * @param predictions as many for each example
     * @param x n examples that they are of
     * @return the same array
     * @throws NotFiniteException if one is NaN or infinite, naming its example, and where the network makes it so the
     *     node
     */
    double[] requireFinitePredictions(double[] predictions, Examples x);

    /**
     * Examples that go through at once.
     *
     * @return the chunk size of {@link #vjp}, which needs the most memory; a fixed batch dimension if the network has
     *     one
     */
    int chunkSize();

    /**
     * The network's outputs.
     *
     * @param x n examples
     * @return f, n·k numbers
     * @throws IllegalArgumentException if the examples do not fit the network
     */
    double[] forward(Examples x);

    /**
     * The Jacobian times a tangent.
     *
     * @param x n examples
     * @param v tangent of length P
     * @return J v, n·k numbers
     * @throws IllegalArgumentException if the examples do not fit the network or the length is not P
     */
    double[] jvp(Examples x, double[] v);

    /**
     * Outputs and Jacobian times a tangent in one go, which is the prediction of a linear model on top of the network.
     *
     * @param x n examples
     * @param v tangent of length P
     * @return f and J v
     * @throws IllegalArgumentException if the examples do not fit the network or the length is not P
     */
    Linearized linearized(Examples x, double[] v);

    /**
     * The Jacobian times several tangents.
     *
     * @param x n examples
     * @param vs tangents of length P
     * @return for each tangent J v, n·k numbers
     * @throws IllegalArgumentException if the examples do not fit the network or a length is not P
     */
    double[][] jvp(Examples x, double[][] vs);

    /**
     * The transposed Jacobian times a cotangent, summed over the examples in float64 from chunk to chunk.
     *
     * @param x n examples
     * @param u cotangent, n·k numbers
     * @return Jᵀ u, of length P
     * @throws IllegalArgumentException if the examples do not fit the network or the length is not n·k
     */
    double[] vjp(Examples x, double[] u);

    /**
     * The transposed Jacobian times several cotangents.
     *
     * @param x n examples
     * @param us cotangents, n·k numbers each
     * @return for each cotangent Jᵀ u, of length P
     * @throws IllegalArgumentException if the examples do not fit the network or a length is not n·k
     */
    double[][] vjp(Examples x, double[][] us);

    /**
     * The Jacobian at fixed examples, for many products: what does not depend on the vectors is computed by the first
     * and kept, if it fits half of the memory budget, and with what others keep a quarter of the Java heap's limit (to
     * which the JVM holds direct memory too).
     *
     * @param x n examples, whose contents must not change
     * @return products with them; what is kept goes when they are closed or collected
     * @throws IllegalArgumentException if the examples do not fit the network
     */
    LinearizedExamples keeping(Examples x);

    @Override
    void close();

    /**
     * What {@link LinearizedNetwork#linearized} gives.
     *
     * @param outputs f, n·k numbers
     * @param products J v, n·k numbers
     */
    record Linearized(double[] outputs, double[] products) {}
}
