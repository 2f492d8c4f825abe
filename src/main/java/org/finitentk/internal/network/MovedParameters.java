package org.finitentk.internal.network;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.runtime.BufferPool;
import org.finitentk.internal.runtime.Reals;
import org.finitentk.internal.runtime.Scratch;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/** θ as one flat direct buffer, and every parameter a tensor over its part of it. */
final class MovedParameters implements AutoCloseable {
    private final Scratch scratch;
    private final Tensor flat;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    MovedParameters(LinearizedGraphs graphs, double[] theta, BufferPool pool) {
        ElementType type = graphs.output().type();
        scratch = new Scratch(pool);
        ByteBuffer memory = scratch.apply(Math.multiplyExact(theta.length, type.bytes()));
        Reals.write(theta, 0, theta.length, type, memory);
        flat = new Tensor(type, new long[] {theta.length}, memory);
        for (Parameter parameter : graphs.parameters()) {
            long[] shape = parameter.shape().stream().mapToLong(Long::longValue).toArray();
            tensors.put(
                    parameter.name(),
                    flat.rows(parameter.offset(), parameter.offset() + parameter.size())
                            .reshaped(shape));
        }
    }

    /** Parameters by name, as a graph's inputs take them; valid until {@link #close}. */
    Map<String, Tensor> tensors(List<ValueInfo> inputs) {
        Map<String, Tensor> fitting = new LinkedHashMap<>(tensors);
        for (ValueInfo input : inputs) {
            // a network may store some parameters in another precision than it computes in
            fitting.computeIfPresent(
                    input.name(),
                    (name, tensor) -> tensor.type() == input.type()
                            ? tensor
                            : Tensor.ofReals(input.type(), tensor.toDoubles(), tensor.shape()));
        }
        return fitting;
    }

    double[] vector() {
        double[] theta = new double[(int) flat.size()];
        Reals.read(flat, theta, 0, theta.length);
        return theta;
    }

    @Override
    public void close() {
        scratch.close();
    }
}
