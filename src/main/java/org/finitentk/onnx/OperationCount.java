package org.finitentk.onnx;

/**
 * An estimate of a graph's arithmetic: multiplications and additions counted apart, so that a product of an m × l and an l × n matrix has 2mln. MatMul, Gemm and Conv
 * count by their sizes, every other operator counts one operation an output element.
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
        double elements = 0;
        for (String output : node.outputs()) {
            Value value = shapes.find(output);
            elements += value == null ? 0 : product(value.shape().at(sample), 0);
        }
        return elements * switch (node.op()) {
            case "MatMul" -> 2 * innerSize(node, shapes, sample, false);
            case "Gemm" -> 2 * innerSize(node, shapes, sample, node.integer("transA", 0) != 0);
            case "Conv" -> 2 * weightsPerOutput(node, shapes, sample);
            default -> 1;
        };
    }

    private static double innerSize(Node node, ShapeInference shapes, int sample, boolean transposed) {
        Value left = shapes.find(node.inputs().get(0));
        if (left == null || left.rank() == 0) {
            return 1;
        }
        return left.shape().at(sample)[transposed ? 0 : left.rank() - 1];
    }

    private static double weightsPerOutput(Node node, ShapeInference shapes, int sample) {
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
