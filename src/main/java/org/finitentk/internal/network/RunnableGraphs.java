package org.finitentk.internal.network;

import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * A network's graphs as ONNX Runtime can run them: float64 in operators that it has for float64. Bundles get the graphs
 * as they were derived, of which further ones are.
 *
 * @param derived the graphs as they were derived
 */
record RunnableGraphs(LinearizedGraphs derived) implements LinearizedGraphs {
    @Override
    public String name() {
        return derived.name();
    }

    @Override
    public String sha256() {
        return derived.sha256();
    }

    @Override
    public List<ValueInfo> inputs() {
        return derived.inputs();
    }

    @Override
    public ValueInfo output() {
        return derived.output();
    }

    @Override
    public Map<String, String> metadata() {
        return derived.metadata();
    }

    @Override
    public int outputSize() {
        return derived.outputSize();
    }

    @Override
    public List<Parameter> parameters() {
        return derived.parameters();
    }

    @Override
    public double[] parameterVector() {
        return derived.parameterVector();
    }

    @Override
    public Graph graph(Product product) {
        return Linearization.runnable(derived.graph(product));
    }

    @Override
    public Graph graphAt(Product product) {
        return Linearization.runnable(derived.graphAt(product));
    }

    @Override
    public Graph forBlocks(Product product, boolean parametersAsInputs) {
        return Linearization.runnable(derived.forBlocks(product, parametersAsInputs));
    }

    @Override
    public @Nullable Graph products(boolean parametersAsInputs) {
        Graph products = derived.products(parametersAsInputs);
        return products == null ? null : Linearization.runnable(products);
    }

    @Override
    public @Nullable Linearization linearization() {
        return derived.linearization();
    }
}
