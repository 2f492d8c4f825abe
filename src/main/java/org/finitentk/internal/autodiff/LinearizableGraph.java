package org.finitentk.internal.autodiff;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.finitentk.internal.onnx.Shape;
import org.finitentk.internal.onnx.ShapeInference;
import org.finitentk.internal.onnx.Value;
import org.finitentk.internal.runtime.Batching;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/** What a graph must have to be linearized, and what can be told of its linearization before any of it is made. */
final class LinearizableGraph {
    private LinearizableGraph() {}

    static void requireFinite(Parameter p, Graph graph) {
        Tensor value = Objects.requireNonNull(graph.initializers().get(p.name()), p.name());
        long at = value.firstNotFinite();
        if (at >= 0) {
            throw new InvalidModelException("parameter '" + p.name() + "' " + p.shape() + " is not finite: its element "
                    + at + " is NaN or infinite; expected finite numbers, so look for a diverged training "
                    + "run or a damaged file");
        }
    }

    /** Refuses a graph that has values of names that are taken. */
    static void requireFreeNames(Graph graph, String... taken) {
        Set<String> names = new HashSet<>(graph.initializers().keySet());
        graph.inputs().forEach(i -> names.add(i.name()));
        graph.nodes().forEach(n -> names.addAll(n.outputs()));
        for (String reserved : taken) {
            if (names.contains(reserved)) {
                throw new InvalidModelException("graph '" + graph.name() + "' has a value named '" + reserved
                        + "', which is a name of the derivative graphs; rename it in the model");
            }
        }
    }

    /** An output as a matrix, one row an example. */
    static ValueInfo matrix(Graph source, Value f) {
        String outputName = f.name();
        Shape x = batchShape(source);
        if (f.rank() == 0 || !f.shape().sameDim(0, x, 0)) {
            throw new InvalidModelException("output '" + outputName + "' has shape " + f.shape()
                    + " and its first axis is not the batch of input '"
                    + source.inputs().get(0).name() + "'; expected one row an example, so choose another output"
                    + " (--output NAME, outputLayer of OnnxBackbone), for a loss of all examples what it is computed"
                    + " from");
        }
        Shape rest = f.shape().slice(1, f.rank());
        if (!rest.isStatic()) {
            throw new InvalidModelException("output '" + outputName + "' has a dynamic size beyond the batch: "
                    + f.shape() + "; fix it to a number");
        }
        long k = Tensor.count(rest.at(0));
        if (k < 1 || k > Integer.MAX_VALUE) {
            throw new InvalidModelException("output '" + outputName + "' has " + k
                    + " elements an example; expected 1 to " + Integer.MAX_VALUE);
        }
        return new ValueInfo(
                outputName, f.type(), List.of(source.inputs().get(0).dims().get(0), Long.toString(k)));
    }

    private static Shape batchShape(Graph source) {
        Batching.refuseScalars(source.name(), source.inputs());
        if (source.inputs().isEmpty()) {
            throw new InvalidModelException("graph '" + source.name() + "' has no input with a batch axis");
        }
        return new ShapeInference().input(source.inputs().get(0)).shape();
    }

    /** Bytes that one more example adds to all intermediate values of a Jacobian product. */
    static long bytesPerExample(ShapeInference shapes) {
        double bytes = 0;
        for (Value v : shapes.values()) {
            double first = product(v.shape().at(0));
            double second = product(v.shape().at(1));
            if (second > first && v.rank() > 0) {
                double examples = v.shape().at(0)[0];
                bytes += v.type().bytes() * first / Math.max(1, examples);
            }
        }
        return (long) Math.min(bytes, 1e15);
    }

    private static double product(long[] dims) {
        double p = 1;
        for (long d : dims) {
            p *= d;
        }
        return p;
    }
}
