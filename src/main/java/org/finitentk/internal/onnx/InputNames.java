package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.finitentk.onnx.ValueInfo;

/**
 * The names that a file gives to open sizes of its inputs, made such that the examples' is the name of nothing else.
 */
final class InputNames {
    private InputNames() {}

    /**
     * Every input has the examples along its first axis: an open size there is the same for all, whatever exporters
     * call it. An input that has the examples' name a second time has it by accident (a published MiniLM has [batch,
     * batch]), so that its later axes get names of their own, the same for the same axis of all inputs.
     */
    static List<ValueInfo> withOneBatch(List<ValueInfo> inputs) {
        Map<String, String> names = new LinkedHashMap<>();
        Set<String> twice = new HashSet<>();
        String batch = "";
        for (ValueInfo input : inputs) {
            if (!input.dims().isEmpty() && !input.isFixed(0)) {
                String own = input.dims().get(0);
                batch = batch.isEmpty() ? own : batch;
                names.put(own, batch);
                if (input.dims().lastIndexOf(own) > 0) {
                    twice.add(own);
                }
            }
        }
        List<ValueInfo> named = new ArrayList<>();
        for (ValueInfo input : inputs) {
            List<String> dims = new ArrayList<>(input.dims());
            for (int axis = 0; axis < dims.size(); axis++) {
                String own = dims.get(axis);
                dims.set(axis, axis > 0 && twice.contains(own) ? own + "_axis" + axis : names.getOrDefault(own, own));
            }
            named.add(new ValueInfo(input.name(), input.type(), dims));
        }
        return named;
    }

    /** Whether a value has every name of an open size once; twice is an exporter's accident. */
    static boolean areDifferent(ValueInfo value) {
        List<String> open = IntStream.range(0, value.dims().size())
                .filter(axis -> !value.isFixed(axis))
                .mapToObj(value.dims()::get)
                .toList();
        return open.size() == Set.copyOf(open).size();
    }
}
