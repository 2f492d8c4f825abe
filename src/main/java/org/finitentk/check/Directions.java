package org.finitentk.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.finitentk.internal.network.Product;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.ShapeInference;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;

/**
 * Random tangents and cotangents to check a network with. A tangent's elements are as large as the parameters they
 * belong to, so that a step along it means the same for weights, scales and biases; parameters near zero go by a tenth
 * of the size of all.
 */
final class Directions {
    private final LinearizedNetwork network;
    private final int n;
    private final int most;
    private final long seed;
    private final double[] scales;

    /** Parameters [from, to) of θ that are looked at together. */
    record Block(String name, int from, int to) {
        /** The vector with all other parameters' elements zero. */
        double[] restrict(double[] v) {
            double[] restricted = new double[v.length];
            System.arraycopy(v, from, restricted, from, to - from);
            return restricted;
        }
    }

    /**
     * Directions for a network.
     *
     * @param n examples
     * @param most blocks of parameters; where there are more parameters, neighbours share one
     * @param seed of all
     */
    Directions(LinearizedNetwork network, int n, int most, long seed) {
        this.network = network;
        this.n = n;
        this.most = most;
        this.seed = seed;
        this.scales = scales(network);
    }

    private static double[] scales(LinearizedNetwork network) {
        List<Parameter> parameters = network.parameters();
        double[] scales = new double[parameters.size()];
        double[] theta;
        try {
            theta = network.parameterVector();
        } catch (IllegalStateException e) {
            // Graphs made elsewhere need not tell their parameters; ones of one size are as good a guess as any.
            Arrays.fill(scales, 1);
            return scales;
        }
        double all = rootMeanSquare(theta, 0, theta.length);
        for (int i = 0; i < scales.length; i++) {
            int from = (int) parameters.get(i).offset();
            double own =
                    rootMeanSquare(theta, from, from + (int) parameters.get(i).size());
            double scale = Math.max(own, 0.1 * all);
            scales[i] = scale > 0 ? scale : 1;
        }
        return scales;
    }

    static double rootMeanSquare(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i] * values[i];
        }
        return to == from ? 0 : Math.sqrt(sum / (to - from));
    }

    static double rootMeanSquare(double[] values) {
        return rootMeanSquare(values, 0, values.length);
    }

    /**
     * Relative rounding errors of one operation where they are largest: a float64 network may have sections of float32.
     */
    static double roundoff(LinearizedNetwork network) {
        return isWide(network) ? 0x1p-53 : 0x1p-24;
    }

    /** Whether all numbers are of float64. */
    static boolean isWide(LinearizedNetwork network) {
        return network.elementType() == ElementType.DOUBLE && !hasFloatSection(network);
    }

    private static boolean hasFloatSection(LinearizedNetwork network) {
        Graph forward = RunningNetwork.of(network).graphs().graph(Product.FORWARD);
        ShapeInference shapes = ShapeInference.of(forward);
        return forward.nodes().stream()
                .flatMap(node -> node.outputs().stream())
                .map(shapes::find)
                .anyMatch(value -> value != null && value.type() == ElementType.FLOAT);
    }

    /** A tangent; the same number gives the same one. */
    double[] tangent(int number) {
        SplittableRandom random = new SplittableRandom(seed + 31L * number + 1);
        double[] v = new double[Math.toIntExact(network.parameterCount())];
        List<Parameter> parameters = network.parameters();
        for (int p = 0; p < scales.length; p++) {
            int from = (int) parameters.get(p).offset();
            for (int i = from; i < from + parameters.get(p).size(); i++) {
                v[i] = scales[p] * random.nextGaussian();
            }
        }
        return v;
    }

    /** A cotangent for the checked examples; the same number gives the same one. */
    double[] cotangent(int number) {
        return cotangent(number, n);
    }

    /** A cotangent for any number of examples. */
    double[] cotangent(int number, int examples) {
        SplittableRandom random = new SplittableRandom(~seed + 31L * number);
        double[] u = new double[Math.multiplyExact(examples, network.outputSize())];
        Arrays.setAll(u, i -> random.nextGaussian());
        return u;
    }

    /** The size of tangents' elements, element by element. */
    double[] sizes() {
        double[] sizes = new double[Math.toIntExact(network.parameterCount())];
        List<Parameter> parameters = network.parameters();
        for (int p = 0; p < scales.length; p++) {
            int from = (int) parameters.get(p).offset();
            Arrays.fill(sizes, from, from + (int) parameters.get(p).size(), scales[p]);
        }
        return sizes;
    }

    /** Every parameter by itself, or neighbours together where there are many. */
    List<Block> blocks() {
        List<Parameter> parameters = network.parameters();
        int together = (parameters.size() + most - 1) / most;
        List<Block> blocks = new ArrayList<>();
        for (int first = 0; first < parameters.size(); first += together) {
            int last = Math.min(parameters.size(), first + together) - 1;
            Parameter start = parameters.get(first);
            Parameter end = parameters.get(last);
            String name = first == last
                    ? "parameter '" + start.name() + "'"
                    : "parameters '" + start.name() + "' to '" + end.name() + "'";
            blocks.add(new Block(name, (int) start.offset(), (int) (end.offset() + end.size())));
        }
        return blocks;
    }

    /** The parameter at a position of θ, for messages. */
    String parameterAt(int position) {
        for (Parameter parameter : network.parameters()) {
            if (position < parameter.offset() + parameter.size()) {
                return "element " + (position - parameter.offset()) + " of parameter '" + parameter.name() + "'";
            }
        }
        throw new IndexOutOfBoundsException("position " + position + " of " + network.parameterCount());
    }
}
