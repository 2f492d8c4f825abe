package org.finitentk.internal.network;

import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/** The graphs of one linearized network, whoever made them: our differentiation, or another tool. */
public interface LinearizedGraphs {
    /**
     * The graphs of our own differentiation.
     *
     * @param linearization makes them
     * @param sha256 of the source model's bytes
     * @return graphs that can be derived further
     */
    static LinearizedGraphs of(Linearization linearization, String sha256) {
        return new DerivedGraphs(linearization, sha256);
    }

    /**
     * How messages call the network.
     *
     * @return the source's name
     */
    String name();

    /**
     * The hash of the source model's bytes.
     *
     * @return SHA-256, 64 lower-case hexadecimal digits
     */
    String sha256();

    /**
     * The network's inputs.
     *
     * @return names, types and dimensions; the first dimension is the batch
     */
    List<ValueInfo> inputs();

    /**
     * The network output that is differentiated.
     *
     * @return of shape [n, k] or, for k = 1, [n]
     */
    ValueInfo output();

    /**
     * What the network's file says to this library.
     *
     * @return the file's metadata
     */
    Map<String, String> metadata();

    /**
     * The number k of outputs of one example.
     *
     * @return at least 1
     */
    int outputSize();

    /**
     * The tangent parameters.
     *
     * @return with their places in θ
     */
    List<Parameter> parameters();

    /**
     * θ.
     *
     * @return a new array of length P
     * @throws IllegalStateException if the graphs do not tell it
     */
    double[] parameterVector();

    /**
     * The graph of a product, with parameters as constants.
     *
     * @param product which
     * @return takes the inputs and the product's vector
     */
    Graph graph(Product product);

    /**
     * The graph of a product, with every parameter an input of its own name.
     *
     * @param product which
     * @return takes the inputs, the product's vector and the parameters
     * @throws IllegalStateException if the graphs were made elsewhere and the parameters cannot be moved in this one
     */
    Graph graphAt(Product product);

    /**
     * The graph of a product, written for several vectors at the same examples.
     *
     * @param product which
     * @param parametersAsInputs whether the graph takes the parameters
     * @return without the network's output where that is not needed
     */
    default Graph forBlocks(Product product, boolean parametersAsInputs) {
        return parametersAsInputs ? graphAt(product) : graph(product);
    }

    /**
     * J v and Jᵀ u in one graph, written for several vectors.
     *
     * @param parametersAsInputs whether the graph takes the parameters
     * @return null when graphs that were made elsewhere cannot be put together
     */
    @Nullable
    Graph products(boolean parametersAsInputs);

    /**
     * How the graphs were derived.
     *
     * @return null when they were made elsewhere
     */
    @Nullable
    Linearization linearization();
}
