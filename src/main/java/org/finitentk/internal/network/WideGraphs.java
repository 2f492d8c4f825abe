package org.finitentk.internal.network;

import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.onnx.Retyping;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * The very graphs of a float32 network, every number in float64: what they compute but for float32's rounding.
 *
 * @param narrow the graphs, whoever made them
 */
record WideGraphs(LinearizedGraphs narrow) implements LinearizedGraphs {
    @Override
    public String name() {
        return narrow.name();
    }

    @Override
    public String sha256() {
        return narrow.sha256();
    }

    @Override
    public List<ValueInfo> inputs() {
        return narrow.inputs().stream().map(WideGraphs::wide).toList();
    }

    @Override
    public ValueInfo output() {
        return wide(narrow.output());
    }

    private static ValueInfo wide(ValueInfo info) {
        return info.type() == ElementType.FLOAT ? new ValueInfo(info.name(), ElementType.DOUBLE, info.dims()) : info;
    }

    @Override
    public Map<String, String> metadata() {
        return narrow.metadata();
    }

    @Override
    public int outputSize() {
        return narrow.outputSize();
    }

    @Override
    public List<Parameter> parameters() {
        return narrow.parameters();
    }

    @Override
    public double[] parameterVector() {
        return narrow.parameterVector();
    }

    @Override
    public Graph graph(Product product) {
        return Retyping.float64(narrow.graph(product));
    }

    @Override
    public Graph graphAt(Product product) {
        return Retyping.float64(narrow.graphAt(product));
    }

    @Override
    public @Nullable Graph products(boolean parametersAsInputs) {
        return null;
    }

    @Override
    public @Nullable Linearization linearization() {
        return null;
    }
}
