package org.finitentk.internal.network;

import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ValueInfo;

/**
 * The graphs of our own differentiation.
 *
 * @param linearization makes them
 * @param sha256 of the source model's bytes
 */
record DerivedGraphs(Linearization linearization, String sha256) implements LinearizedGraphs {
    @Override
    public String name() {
        return linearization.source().name();
    }

    @Override
    public List<ValueInfo> inputs() {
        return linearization.source().inputs();
    }

    @Override
    public ValueInfo output() {
        return linearization.output();
    }

    @Override
    public Map<String, String> metadata() {
        return linearization.source().metadata();
    }

    @Override
    public int outputSize() {
        return linearization.outputSize();
    }

    @Override
    public List<Parameter> parameters() {
        return linearization.parameters();
    }

    @Override
    public double[] parameterVector() {
        return Parameter.vector(parameters(), linearization.source());
    }

    @Override
    public Graph graph(Product product) {
        return named(
                switch (product) {
                    case FORWARD -> linearization.forward();
                    case JVP -> linearization.jvp();
                    case VJP -> linearization.vjp();
                });
    }

    @Override
    public Graph graphAt(Product product) {
        return named(
                switch (product) {
                    case FORWARD -> linearization.forwardAt();
                    case JVP -> linearization.jvpAt();
                    case VJP -> linearization.vjpAt();
                });
    }

    @Override
    public Graph products(boolean parametersAsInputs) {
        return linearization.products(parametersAsInputs);
    }

    @Override
    public Graph forBlocks(Product product, boolean parametersAsInputs) {
        return GraphEdits.only(
                products(parametersAsInputs),
                product.output(),
                product == Product.JVP ? Product.VJP.vector() : Product.JVP.vector());
    }

    /**
     * A network output that is not a matrix comes out of the derivation reshaped, under a new name; it takes over the
     * old one.
     */
    private Graph named(Graph graph) {
        String output = linearization.output().name();
        return GraphEdits.renameOutput(graph, graph.outputs().get(0).name(), output);
    }
}
