package org.finitentk.internal.kernel;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.linalg.ArrayMatrix;
import org.finitentk.internal.linalg.Blas;
import org.finitentk.internal.linalg.Vectors;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.runtime.Reals;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A last layer f = W h + b of fewer features h than outputs, through which the gradients of all outputs are
 * combinations of those of the features. With W = Q R, where the columns of Q are orthonormal, the Jacobian of all
 * parameters before the layer is Q Qᵀ J, so that their kernel is Q (Qᵀ J Jᵀ Q) Qᵀ: as many combinations of the outputs
 * as there are features do. The layer's own parameters have the same gradient for every output, each with other
 * weights, so that their kernel is the gradients' product for each output with itself.
 */
public final class LinearHead {
    /** The fraction of a column's norm below which its rest, orthogonal to the other columns, counts as rounding. */
    private static final double DEPENDENT = 1e-12;

    private final int outputs;
    private final List<Parameter> own;
    /** Qᵀ, one row a combination. */
    private final double[] combinations;

    private LinearHead(int outputs, List<Parameter> own, double[] combinations) {
        this.outputs = outputs;
        this.own = own;
        this.combinations = combinations;
    }

    /** The head of a network; null if its last layer is no such one, or the network's graphs were made elsewhere. */
    public static @Nullable LinearHead of(LinearizedNetwork network) {
        Linearization linearization = RunningNetwork.of(network).graphs().linearization();
        Layer layer = linearization == null ? null : layer(linearization.source(), network.outputSize());
        if (layer == null) {
            return null;
        }
        List<Parameter> own = network.parameters().stream()
                .filter(p -> layer.initializers().contains(p.name()))
                .toList();
        double[] columns = layer.columns(network);
        return columns.length >= network.outputSize() * network.outputSize()
                ? null
                : new LinearHead(network.outputSize(), own, orthonormal(columns, network.outputSize()));
    }

    /**
     * The last layer of a graph.
     *
     * @param weight W's name
     * @param shape of W
     * @param outputsFirst whether W is [outputs × features]
     * @param values W in the file
     * @param initializers of the layer
     */
    private record Layer(String weight, long[] shape, boolean outputsFirst, Tensor values, Set<String> initializers) {
        /** W's columns one after the other: [features × outputs]. */
        double[] columns(LinearizedNetwork network) {
            double[] w = new double[Math.toIntExact(shape[0] * shape[1])];
            Parameter parameter = network.parameters().stream()
                    .filter(p -> p.name().equals(weight))
                    .findFirst()
                    .orElse(null);
            if (parameter != null) {
                System.arraycopy(network.parameterVector(), (int) parameter.offset(), w, 0, w.length);
            } else {
                Reals.read(values, 0, w, 0, w.length);
            }
            if (!outputsFirst) {
                return w;
            }
            int rows = (int) shape[0];
            int columns = (int) shape[1];
            double[] transposed = new double[w.length];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    transposed[j * rows + i] = w[i * columns + j];
                }
            }
            return transposed;
        }
    }

    private static @Nullable Layer layer(Graph graph, int outputs) {
        Map<String, Node> makers = new HashMap<>();
        graph.nodes().forEach(node -> node.outputs().forEach(output -> makers.put(output, node)));
        Node last = behind(makers, graph.outputs().get(0).name());
        if (last == null) {
            return null;
        }
        String bias = null;
        if (last.op().equals("Add")) {
            int at = graph.initializers().containsKey(last.input(0)) ? 0 : 1;
            bias = last.input(at);
            last = behind(makers, last.input(1 - at));
            if (last == null || !last.op().equals("MatMul")) {
                return null;
            }
        }
        boolean plainGemm = last.op().equals("Gemm")
                && last.integer("transA", 0) == 0
                && last.real("alpha", 1) == 1
                && last.real("beta", 1) == 1;
        if (!plainGemm && !last.op().equals("MatMul")) {
            return null;
        }
        if (last.op().equals("Gemm") && last.hasInput(2)) {
            bias = last.input(2);
        }
        return layer(graph, outputs, last.input(1), last.integer("transB", 0) == 1, bias);
    }

    /** The node that makes a value, behind those that only name it. */
    private static @Nullable Node behind(Map<String, Node> makers, String value) {
        Node node = makers.get(value);
        while (node != null && node.op().equals("Identity")) {
            node = makers.get(node.input(0));
        }
        return node;
    }

    /** A layer whose weights are the file's, of two axes, with a bias for each output, and used nowhere else. */
    private static @Nullable Layer layer(
            Graph graph, int outputs, String weight, boolean outputsFirst, @Nullable String bias) {
        Tensor w = graph.initializers().get(weight);
        Tensor b = bias == null ? null : graph.initializers().get(bias);
        Set<String> initializers = new HashSet<>(bias == null ? Set.of(weight) : Set.of(weight, bias));
        boolean fits = w != null
                && w.shape().length == 2
                && w.shape()[outputsFirst ? 0 : 1] == outputs
                && w.type().isDifferentiable()
                && (bias == null || b != null && b.size() == outputs && b.shape()[b.shape().length - 1] == outputs);
        boolean alone = graph.nodes().stream()
                                .flatMap(node -> node.inputs().stream())
                                .filter(initializers::contains)
                                .count()
                        == initializers.size()
                && graph.nodes().stream().allMatch(node -> node.bodyNames().isEmpty());
        return w != null && fits && alone ? new Layer(weight, w.shape(), outputsFirst, w, initializers) : null;
    }

    /**
     * Gram and Schmidt's method, twice for each vector so that what is left is orthogonal to the last digit; vectors
     * that depend on those before are left out. Of zeros only, as an untrained layer may have, any vector is taken: no
     * output depends on the parameters before.
     */
    private static double[] orthonormal(double[] vectors, int size) {
        double[] basis = new double[vectors.length];
        int count = 0;
        for (int from = 0; from < vectors.length; from += size) {
            double[] vector = Arrays.copyOfRange(vectors, from, from + size);
            double whole = Vectors.norm(vector);
            for (int pass = 0; pass < 2; pass++) {
                for (int i = 0; i < count; i++) {
                    double along = 0;
                    for (int j = 0; j < size; j++) {
                        along += basis[i * size + j] * vector[j];
                    }
                    for (int j = 0; j < size; j++) {
                        vector[j] -= along * basis[i * size + j];
                    }
                }
            }
            double rest = Vectors.norm(vector);
            if (rest > DEPENDENT * whole) {
                for (int j = 0; j < size; j++) {
                    basis[count * size + j] = vector[j] / rest;
                }
                count++;
            }
        }
        if (count == 0) {
            basis[0] = 1;
            count = 1;
        }
        return Arrays.copyOf(basis, count * size);
    }

    /** Combinations of the outputs whose gradients span all. */
    public Outputs features() {
        return Outputs.combinations(combinations);
    }

    /** Whether a parameter is the layer's own. */
    public boolean owns(Parameter parameter) {
        return own.contains(parameter);
    }

    /**
     * The kernel of all outputs.
     *
     * @param k the kernel of the combinations and of all parameters but the layer's own, [n·h × m·h]
     * @param network the network
     * @param x n examples
     * @param z m examples
     * @return [n·outputs × m·outputs]
     */
    public double[] expand(double[] k, LinearizedNetwork network, Examples x, Examples z) {
        int h = combinations.length / outputs;
        int columns = Math.multiplyExact(z.size(), outputs);
        double[] whole = new double[Math.multiplyExact(Math.multiplyExact(x.size(), outputs), columns)];
        double[][] ofX = ownGradients(network, x);
        double[][] ofZ = x == z ? ofX : ownGradients(network, z);
        double[] block = new double[h * h];
        double[] half = new double[outputs * h];
        double[] all = new double[outputs * outputs];
        for (int i = 0; i < x.size(); i++) {
            for (int j = 0; j < z.size(); j++) {
                for (int c = 0; c < h; c++) {
                    System.arraycopy(k, (i * h + c) * z.size() * h + j * h, block, c * h, h);
                }
                Blas.gemm(
                        ArrayMatrix.of(combinations, h, outputs).transposed(),
                        ArrayMatrix.of(block, h, h),
                        0,
                        ArrayMatrix.of(half, outputs, h));
                Blas.gemm(
                        ArrayMatrix.of(half, outputs, h),
                        ArrayMatrix.of(combinations, h, outputs),
                        0,
                        ArrayMatrix.of(all, outputs, outputs));
                double ownProduct = Vectors.dot(ofX[i], ofZ[j]);
                for (int c = 0; c < outputs; c++) {
                    all[c * outputs + c] += ownProduct;
                    System.arraycopy(all, c * outputs, whole, (i * outputs + c) * columns + j * outputs, outputs);
                }
            }
        }
        return whole;
    }

    /** The gradients of each example's first output in the layer's own parameters. */
    private double[][] ownGradients(LinearizedNetwork network, Examples x) {
        double[] first = new double[outputs];
        first[0] = 1;
        double[][] gradients = new double[x.size()][];
        for (int i = 0; i < gradients.length; i++) {
            double[] whole = own.isEmpty() ? first : network.vjp(x.slice(i, i + 1), first);
            gradients[i] = own.stream()
                    .flatMapToDouble(p -> Arrays.stream(whole, (int) p.offset(), (int) (p.offset() + p.size())))
                    .toArray();
        }
        return gradients;
    }
}
