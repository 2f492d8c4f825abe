package org.finitentk.internal.autodiff;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;

/** Jacobians by differences of what the reference interpreter computes in float64. */
public final class ReferenceJacobian {
    private static final double STEP = 1e-4;

    private final Graph graph;
    private final Map<String, NdArray> inputs = new HashMap<>();

    private ReferenceJacobian(Graph graph, Map<String, Tensor> inputs) {
        this.graph = graph;
        inputs.forEach((name, tensor) -> this.inputs.put(name, NdArray.of(tensor)));
    }

    /**
     * Takes the derivatives of a graph's first output with respect to its parameters.
     *
     * @return one column a parameter's element, of the output's elements; steps of two sizes leave an error of the
     *     fourth order
     */
    public static double[][] of(Graph graph, List<Parameter> parameters, Map<String, Tensor> inputs) {
        ReferenceJacobian jacobian = new ReferenceJacobian(graph, inputs);
        Parameter last = parameters.get(parameters.size() - 1);
        double[][] columns = new double[(int) (last.offset() + last.size())][];
        for (Parameter parameter : parameters) {
            for (int i = 0; i < parameter.size(); i++) {
                double[] near = jacobian.difference(parameter.name(), i, STEP);
                double[] far = jacobian.difference(parameter.name(), i, 2 * STEP);
                Arrays.setAll(near, k -> (4 * near[k] - far[k]) / 3);
                columns[(int) parameter.offset() + i] = near;
            }
        }
        return columns;
    }

    private double[] difference(String parameter, int element, double step) {
        double[] above = output(parameter, element, step);
        double[] below = output(parameter, element, -step);
        Arrays.setAll(above, i -> (above[i] - below[i]) / (2 * step));
        return above;
    }

    private double[] output(String parameter, int element, double step) {
        NdArray theta = NdArray.of(Objects.requireNonNull(graph.initializers().get(parameter)));
        theta.data()[element] += step;
        Map<String, NdArray> feeds = new HashMap<>(inputs);
        feeds.put(parameter, theta);
        return Objects.requireNonNull(ReferenceInterpreter.run(graph, feeds)
                        .get(graph.outputs().get(0).name()))
                .data()
                .clone();
    }
}
