package org.finitentk.internal.network;

import java.util.LinkedHashMap;
import java.util.Map;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/**
 * The graphs of a network with every number in float64: what they compute but for float32's rounding. It tells whether
 * numbers that differ in float32 are wrong, or rounded.
 */
public final class WideNetwork {
    private WideNetwork() {}

    /**
     * A network's twin.
     *
     * @param network the network, at whatever parameters; where it leaves sizes open, as the first examples had them
     * @return the twin on the CPU, closed by the caller; its first run throws an IllegalArgumentException if ONNX
     *     Runtime has no float64 kernel for one of the operators
     * @throws IllegalArgumentException if one of the operators has no float64 form
     * @throws IllegalStateException if the network was moved and its graphs have their parameters in other forms
     */
    public static LinearizedNetwork of(LinearizedNetwork network) {
        try (LinearizedNetwork source =
                RunningNetwork.of(new WideGraphs(RunningNetwork.of(network).graphs()), onCpu(network.settings()))) {
            return network.isMoved() ? source.at(network.parameterVector()) : source.share();
        }
    }

    static OpenNetwork of(OpenNetwork network) {
        RunnableGraphs graphs =
                new RunnableGraphs(new WideGraphs(network.graphs().derived()));
        try (OpenNetwork source = new OpenNetwork(
                new SharedSessions(graphs, onCpu(network.sessions().settings())), null)) {
            return network.isMoved() ? source.at(network.parameterVector()) : source.share();
        }
    }

    private static ExecutionSettings onCpu(ExecutionSettings settings) {
        return settings.withDevice(ExecutionSettings.Device.CPU);
    }

    /**
     * Examples for a twin.
     *
     * @param x examples of a network
     * @return the same with float32 inputs in float64
     */
    public static Examples of(Examples x) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        x.inputs()
                .forEach((name, value) -> inputs.put(
                        name,
                        value.type() == ElementType.FLOAT
                                ? Tensor.ofDoubles(value.toDoubles(), value.shape())
                                : value));
        return new Examples(inputs);
    }
}
