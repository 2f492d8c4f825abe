package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ValueInfo;

/** Reverse mode that keeps the examples apart. */
final class PerExampleReverse {
    private final ForwardMode forward;
    /** The cotangent of the output, [n, k]. */
    private final Value seed;

    private final List<Parameter> parameters;
    private final PerExample.Choice choice;
    private final List<PerExample.Part> parts = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private final Map<String, Value> copies = new HashMap<>();

    PerExampleReverse(ForwardMode forward, Value seed, List<Parameter> parameters, PerExample.Choice choice) {
        this.forward = forward;
        this.seed = seed;
        this.parameters = parameters;
        this.choice = choice;
    }

    /** Brings the cotangent back to each parameter. */
    void run(Value tangent) {
        ReverseMode reverse = new ReverseMode(forward);
        Set<String> parameterOnly = forward.parameterOnly();
        PerExampleCotangents cotangents =
                new PerExampleCotangents(forward.algebra(), seed.shape().slice(0, 1), parameterOnly);
        reverse.run(tangent, seed, cotangents);
        reverse.throughParameters(parameterOnly, cotangents);
        for (Parameter p : parameters) {
            PerExample.Gradient gradient = cotangents.gradient(forward.root(p), choice);
            parts.add(gradient == null ? PerExample.Part.unstructured(p) : part(p, gradient));
        }
    }

    private PerExample.Part part(Parameter p, PerExample.Gradient gradient) {
        List<Value> own = gradient.values().stream().map(this::written).toList();
        outputs.addAll(own);
        return new PerExample.Part(
                p, gradient.kind(), own.stream().map(Value::name).toList());
    }

    /**
     * An input that is an output as well is a copy of it: a runtime may hand out the input's own memory, or leave the
     * output's as it was.
     */
    private Value written(Value value) {
        return value.name().equals(seed.name()) || forward.isInput(value.name())
                ? copies.computeIfAbsent(value.name(), name -> forward.algebra().op("Identity", value))
                : value;
    }

    /** One entry a parameter. */
    List<PerExample.Part> parts() {
        return parts;
    }

    /**
     * The graph's outputs.
     *
     * @param batch the name or number of the examples
     */
    List<ValueInfo> outputs(String batch) {
        return outputs.stream().map(value -> info(value, batch)).toList();
    }

    /** The declaration of a value whose first axis, where its size is not fixed, is that of the examples. */
    static ValueInfo info(Value v, String batch) {
        List<String> dims = new ArrayList<>();
        for (int i = 0; i < v.rank(); i++) {
            dims.add(v.shape().dim(i) >= 0 ? Long.toString(v.shape().dim(i)) : i == 0 ? batch : v.name() + "_dim" + i);
        }
        return new ValueInfo(v.name(), v.type(), dims);
    }
}
