package org.finitentk.internal.kernel;

import java.util.LinkedHashMap;
import java.util.Map;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.network.PerExampleGraph;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * What one example's gradients of parameters take.
 *
 * @param infos of the graph's outputs
 */
record GradientSizes(Map<String, ValueInfo> infos) {
    static GradientSizes of(@Nullable PerExampleGraph graph) {
        Map<String, ValueInfo> infos = new LinkedHashMap<>();
        if (graph != null) {
            graph.structure().graph().outputs().forEach(info -> infos.put(info.name(), info));
        }
        return new GradientSizes(infos);
    }

    /** The output that depends on the cotangent. */
    static String last(PerExample.Part part) {
        return part.outputs().get(part.outputs().size() - 1);
    }

    /**
     * Elements of an example in one of a parameter's outputs; where a dimension is only known later, as many as the
     * parameter has.
     */
    long elements(PerExample.Part part, String output) {
        ValueInfo info = infos.get(output);
        long elements = 1;
        for (int i = 1; info != null && i < info.dims().size(); i++) {
            elements = info.isFixed(i) && elements >= 0 ? elements * info.dim(i) : -1;
        }
        return info == null || elements < 0 ? part.parameter().size() : elements;
    }

    /** What one parameter's gradient takes for each combination of outputs. */
    long bytes(PerExample.Part part, GradientPrecision precision) {
        ValueInfo info = infos.get(last(part));
        long positions = part.kind() == PerExample.Kind.FACTORS && info != null && info.isFixed(1) ? info.dim(1) : 1;
        return elements(part, last(part)) * precision.bytes(part.kind(), positions);
    }
}
