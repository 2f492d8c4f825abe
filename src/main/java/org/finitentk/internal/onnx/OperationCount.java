package org.finitentk.internal.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;

/**
 * An estimate of a graph's arithmetic: multiplications and additions counted apart, so that a product of an m × l and
 * an l × n matrix has 2mln. Matrix products, convolutions, Einsum and recurrent layers count by their sizes, every
 * other operator counts one operation an output element.
 *
 * @param perExample operations that one more example in the batch adds
 * @param fixed operations that a run costs whatever the batch is
 */
public record OperationCount(double perExample, double fixed) {
    /**
     * Counts a graph whose first input's first dimension is the batch.
     *
     * @param graph a normalized graph
     * @return the count; what operators of unknown shape cost is left out
     */
    public static OperationCount of(Graph graph) {
        ShapeInference shapes = ShapeInference.of(graph);
        Value first = shapes.get(graph.inputs().get(0).name());
        double[] total = new double[Shape.SAMPLES];
        for (int sample = 0; sample < Shape.SAMPLES; sample++) {
            for (Node node : graph.nodes()) {
                total[sample] += operations(node, shapes, sample);
            }
        }
        double small = first.shape().at(0)[0];
        double large = first.shape().at(1)[0];
        if (small == large) {
            return new OperationCount(total[0] / small, 0);
        }
        double perExample = Math.max(0, (total[1] - total[0]) / (large - small));
        return new OperationCount(perExample, Math.max(0, total[0] - perExample * small));
    }

    private static double operations(Node node, ShapeInference shapes, int sample) {
        double outputs = node.outputs().stream()
                .mapToDouble(output -> elements(output, shapes, sample))
                .sum();
        return switch (OperatorTraits.of(node).work()) {
            case INNER_SIZE -> outputs * 2 * innerSize(node, shapes, sample);
            case FILTER -> outputs * 2 * weightsPerChannel(node, shapes, sample);
            case TRANSPOSED_FILTER ->
                elements(node.input(0), shapes, sample) * 2 * weightsPerChannel(node, shapes, sample);
            case LABELS -> node.inputs().size() * axes(node, shapes, sample);
            case SEQUENCE ->
                outputs
                        + 2
                                * sequences(node, shapes, sample)
                                * (elements(node.input(1), shapes, sample) + elements(node.input(2), shapes, sample));
            case OUTPUTS -> outputs;
        };
    }

    private static double elements(String name, ShapeInference shapes, int sample) {
        Value value = shapes.find(name);
        return value == null ? 0 : product(value.shape().at(sample), 0);
    }

    /** Sizes of all axes of an Einsum, each once. */
    private static double axes(Node node, ShapeInference shapes, int sample) {
        List<Value> operands = node.inputs().stream()
                .map(shapes::find)
                .filter(Objects::nonNull)
                .toList();
        if (operands.size() < node.inputs().size()) {
            return 0;
        }
        Map<Integer, Long> sizes = new HashMap<>();
        List<List<Integer>> labels = EinsumEquation.of(
                        node, operands.stream().map(Value::rank).toList())
                .operands();
        for (int i = 0; i < labels.size(); i++) {
            for (int axis = 0; axis < labels.get(i).size(); axis++) {
                sizes.merge(labels.get(i).get(axis), operands.get(i).shape().at(sample)[axis], Math::max);
            }
        }
        return sizes.values().stream().mapToDouble(Long::doubleValue).reduce(1, (x, y) -> x * y);
    }

    /** Steps of all sequences that go through a recurrent layer, whose weights each meet every step. */
    private static double sequences(Node node, ShapeInference shapes, int sample) {
        Value x = shapes.find(node.input(0));
        return x == null || x.rank() < 2
                ? 0
                : (double) x.shape().at(sample)[0] * x.shape().at(sample)[1];
    }

    private static double innerSize(Node node, ShapeInference shapes, int sample) {
        Value left = shapes.find(node.inputs().get(0));
        if (left == null || left.rank() == 0) {
            return 1;
        }
        return left.shape().at(sample)[node.integer("transA", 0) != 0 ? 0 : left.rank() - 1];
    }

    private static double weightsPerChannel(Node node, ShapeInference shapes, int sample) {
        Value weights = shapes.find(node.inputs().get(1));
        return weights == null ? 1 : product(weights.shape().at(sample), 1);
    }

    private static double product(long[] dims, int from) {
        double product = 1;
        for (int i = from; i < dims.length; i++) {
            product *= dims[i];
        }
        return product;
    }
}
