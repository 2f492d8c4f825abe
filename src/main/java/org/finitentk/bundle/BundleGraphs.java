package org.finitentk.bundle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.network.LinearizedGraphs;
import org.finitentk.internal.network.Product;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * The graphs of a bundle. Where our own differentiation can be repeated on its forward graph, parameters can be moved
 * and further graphs derived.
 */
final class BundleGraphs implements LinearizedGraphs {
    private static final Logger LOG = Logger.getLogger(BundleGraphs.class.getName());

    private final LinearizationBundle bundle;
    private boolean derived;
    private @Nullable LinearizedGraphs derivation;

    BundleGraphs(LinearizationBundle bundle) {
        this.bundle = bundle;
    }

    @Override
    public String name() {
        return bundle.manifest().sourceName();
    }

    @Override
    public String sha256() {
        return bundle.sha256();
    }

    @Override
    public List<ValueInfo> inputs() {
        return bundle.inputs();
    }

    @Override
    public ValueInfo output() {
        return bundle.output();
    }

    @Override
    public Map<String, String> metadata() {
        return bundle.forward().metadata();
    }

    @Override
    public int outputSize() {
        return bundle.outputSize();
    }

    @Override
    public List<Parameter> parameters() {
        return bundle.parameters();
    }

    @Override
    public double[] parameterVector() {
        parametersAsInputs(bundle.forward(), parameters(), output().type());
        return Parameter.vector(parameters(), bundle.forward());
    }

    @Override
    public Graph graph(Product product) {
        return bundle.graph(product);
    }

    /**
     * Forward, a plain change of initializers into inputs; a graph of derivatives may hold a parameter in other forms
     * too, so it is derived anew.
     */
    @Override
    public Graph graphAt(Product product) {
        if (product == Product.FORWARD) {
            return parametersAsInputs(bundle.forward(), parameters(), output().type());
        }
        LinearizedGraphs again = derivation();
        if (again == null) {
            throw new IllegalStateException("the derivative graphs of '" + name()
                    + "' were made elsewhere and cannot be derived again from its forward graph, so Jacobian "
                    + "products at other parameters are not available; open the ONNX model instead of the bundle");
        }
        return again.graphAt(product);
    }

    /** What the two graphs have in common is found by its operators. */
    @Override
    public @Nullable Graph products(boolean parametersAsInputs) {
        Graph jvp = parametersAsInputs ? graphAt(Product.JVP) : graph(Product.JVP);
        Graph vjp = parametersAsInputs ? graphAt(Product.VJP) : graph(Product.VJP);
        return MergedGraph.of(jvp, vjp, List.of(Product.JVP.output(), Product.VJP.output()));
    }

    @Override
    public @Nullable Linearization linearization() {
        LinearizedGraphs again = derivation();
        return again == null ? null : again.linearization();
    }

    private synchronized @Nullable LinearizedGraphs derivation() {
        if (!derived) {
            derivation = derive();
            derived = true;
        }
        return derivation;
    }

    private @Nullable LinearizedGraphs derive() {
        try {
            Linearization linearization = Linearization.of(
                    bundle.forward(),
                    ParameterSelection.exactly(
                            parameters().stream().map(Parameter::name).toList()));
            boolean same = linearization.parameters().equals(parameters())
                    && linearization.output().name().equals(output().name())
                    && linearization.outputSize() == outputSize();
            return same ? LinearizedGraphs.of(linearization, sha256()) : null;
        } catch (InvalidModelException e) {
            LOG.log(Level.FINE, "the forward graph of bundle '" + name() + "' cannot be differentiated here", e);
            return null;
        }
    }

    /** Makes initializers inputs. */
    private static Graph parametersAsInputs(Graph graph, List<Parameter> parameters, ElementType type) {
        Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
        List<ValueInfo> inputs = new ArrayList<>(graph.inputs());
        for (Parameter parameter : parameters) {
            Tensor tensor = initializers.remove(parameter.name());
            if (tensor == null || !Arrays.equals(tensor.shape(), parameter.dims()) || tensor.type() != type) {
                throw new IllegalStateException("graph '" + graph.name() + "' was made elsewhere and has no " + type
                        + " initializer for parameter '" + parameter.name() + "' " + parameter.shape()
                        + ", so its parameters cannot be moved; open the ONNX model instead of the bundle");
            }
            inputs.add(new ValueInfo(
                    parameter.name(),
                    tensor.type(),
                    parameter.shape().stream().map(String::valueOf).toList()));
        }
        return new Graph(graph.name(), inputs, graph.outputs(), initializers, graph.nodes());
    }
}
