package org.finitentk.bundle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.finitentk.internal.network.Product;
import org.finitentk.internal.runtime.InputShapes;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/** Whether a bundle's graphs have the inputs and outputs that its manifest promises. */
final class BundleSignature {
    /** No number of outputs; products of two do not overflow. */
    private static final long TOO_LARGE = 1L << 31;

    private BundleSignature() {}

    /**
     * Compares names, types, ranks and those sizes that both sides give.
     *
     * @throws InvalidModelException naming the graph and what differs
     */
    static void verify(BundleManifest manifest, Map<Product, Graph> graphs) {
        ValueInfo f = manifest.output();
        List<String> matrix = List.of("n", Integer.toString(manifest.outputSize()));
        List<String> flat = List.of(Long.toString(manifest.parameterCount()));
        requireOutputSize(manifest);
        requireParameterShapes(manifest, Objects.requireNonNull(graphs.get(Product.FORWARD)));
        verify(graphs, Product.FORWARD, manifest.inputs(), List.of(f));
        verify(
                graphs,
                Product.JVP,
                plus(manifest.inputs(), Product.JVP.vector(), f, flat),
                List.of(f, new ValueInfo(Product.JVP.output(), f.type(), f.dims())));
        verify(
                graphs,
                Product.VJP,
                plus(manifest.inputs(), Product.VJP.vector(), f, matrix),
                List.of(f, new ValueInfo(Product.VJP.output(), f.type(), flat)));
    }

    /** The output's dimensions after the first must multiply to k, if all are given. */
    private static void requireOutputSize(BundleManifest manifest) {
        ValueInfo f = manifest.output();
        long size = f.dims().isEmpty() ? -1 : 1;
        for (int i = 1; i < f.dims().size(); i++) {
            size = f.isFixed(i) && size >= 0 ? Math.min(TOO_LARGE, size * Math.min(TOO_LARGE, f.dim(i))) : -1;
        }
        if (f.dims().isEmpty() || size >= 0 && size != manifest.outputSize()) {
            throw new InvalidModelException(BundleManifest.FILE + " says that the output is " + InputShapes.describe(f)
                    + " and outputSize " + manifest.outputSize()
                    + "; expected a first dimension for the examples and the rest to have outputSize elements");
        }
    }

    /** Weights that the forward graph has under a parameter's name are that parameter. */
    private static void requireParameterShapes(BundleManifest manifest, Graph forward) {
        for (Parameter parameter : manifest.parameters()) {
            Tensor tensor = forward.initializers().get(parameter.name());
            if (tensor != null && !Arrays.equals(tensor.shape(), parameter.dims())) {
                throw new InvalidModelException("forward.onnx has parameter '" + parameter.name() + "' in the shape "
                        + Arrays.toString(tensor.shape()) + ", but " + BundleManifest.FILE + " says "
                        + parameter.shape());
            }
        }
    }

    private static List<ValueInfo> plus(List<ValueInfo> inputs, String vector, ValueInfo f, List<String> dims) {
        List<ValueInfo> all = new ArrayList<>(inputs);
        all.add(new ValueInfo(vector, f.type(), dims));
        return all;
    }

    private static void verify(
            Map<Product, Graph> graphs, Product product, List<ValueInfo> inputs, List<ValueInfo> outputs) {
        Graph graph = Objects.requireNonNull(graphs.get(product), product.name());
        String file = BundleManifest.fileOf(product);
        verify(file, "input", inputs, graph.inputs());
        verify(file, "output", outputs, graph.outputs());
        if (graph.inputs().size() > inputs.size()) {
            throw new InvalidModelException(file + " has inputs "
                    + graph.inputs().stream().map(InputShapes::describe).toList() + "; expected only "
                    + inputs.stream().map(InputShapes::describe).toList());
        }
    }

    private static void verify(String file, String kind, List<ValueInfo> expected, List<ValueInfo> found) {
        for (ValueInfo wanted : expected) {
            ValueInfo value = found.stream()
                    .filter(candidate -> candidate.name().equals(wanted.name()))
                    .findFirst()
                    .orElseThrow(() -> new InvalidModelException(
                            file + " has no " + kind + " " + InputShapes.describe(wanted) + "; it has "
                                    + found.stream().map(InputShapes::describe).toList()));
            if (!fits(wanted, value)) {
                throw new InvalidModelException(file + " has " + kind + " " + InputShapes.describe(value)
                        + "; expected " + InputShapes.describe(wanted));
            }
        }
    }

    private static boolean fits(ValueInfo wanted, ValueInfo found) {
        if (found.type() != wanted.type()
                || found.dims().size() != wanted.dims().size()) {
            return false;
        }
        for (int i = 0; i < wanted.dims().size(); i++) {
            if (wanted.isFixed(i) && found.isFixed(i) && wanted.dim(i) != found.dim(i)) {
                return false;
            }
        }
        return true;
    }
}
