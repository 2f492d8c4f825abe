package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.InputValues;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/** A graph of which some inputs have become constants, for {@link InputValues}. */
final class PinnedInputs {
    private final Graph graph;
    private final Map<String, Tensor> initializers;
    private final List<Node> nodes = new ArrayList<>();
    private final List<ValueInfo> inputs;
    private final Set<String> names = new HashSet<>();
    private final InputSizes sizes;

    private PinnedInputs(Graph graph, InputValues values, InputSizes sizes) {
        this.graph = graph;
        this.sizes = sizes;
        this.initializers = new LinkedHashMap<>(graph.initializers());
        this.inputs = graph.inputs().stream()
                .filter(input -> !values.values().containsKey(input.name()))
                .toList();
        names.addAll(initializers.keySet());
        graph.inputs().forEach(input -> names.add(input.name()));
        for (Node node : graph.nodes()) {
            names.add(node.name());
            names.addAll(node.outputs());
            names.addAll(node.bodyNames());
        }
    }

    private String free(String wanted) {
        String name = wanted;
        while (!names.add(name)) {
            name += "_";
        }
        return name;
    }

    /**
     * Makes constants of inputs.
     *
     * @param sizes given to the graph's inputs; an axis after the first that is left open in words has as many elements
     *     as there are examples, if it is no other input's
     * @return the same object if there are no values
     * @throws InvalidModelException if there is no such input, no other one, or the numbers do not fit it
     */
    static Graph on(Graph graph, InputValues values, InputSizes sizes) {
        if (values.values().isEmpty()) {
            return graph;
        }
        PinnedInputs pinned = new PinnedInputs(graph, values, sizes);
        if (pinned.inputs.isEmpty()) {
            throw new InvalidModelException("values are given for all inputs of the network, "
                    + String.join(" and ", values.values().keySet()) + "; expected one that has the examples");
        }
        for (Map.Entry<String, List<Double>> value : values.values().entrySet()) {
            pinned.pin(pinned.find(value.getKey()), value.getValue());
        }
        pinned.nodes.addAll(graph.nodes());
        return new Graph(
                graph.name(),
                pinned.inputs,
                graph.outputs(),
                pinned.initializers,
                pinned.nodes,
                graph.declared(),
                graph.metadata(),
                graph.notes());
    }

    private ValueInfo find(String name) {
        return graph.inputs().stream()
                .filter(input -> input.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new InvalidModelException(
                        "the network has no input '" + name + "', for which a value is given; its inputs are "
                                + graph.inputs().stream()
                                        .map(input -> "'" + input.name() + "' " + input.dims())
                                        .collect(Collectors.joining(" and "))));
    }

    private void pin(ValueInfo input, List<Double> numbers) {
        boolean fixed = IntStream.range(0, input.dims().size()).allMatch(input::isFixed);
        long[] shape = fixed
                ? IntStream.range(0, input.dims().size()).mapToLong(input::dim).toArray()
                : new long[] {1};
        long count = Tensor.count(shape);
        if (numbers.size() != 1 && (!fixed || numbers.size() != count)) {
            throw new InvalidModelException(numbers.size() + " values are given for input '" + input.name() + "' "
                    + input.dims() + "; expected one for all elements" + (fixed ? ", or " + count : ""));
        }
        List<Double> all = numbers.size() == 1 && count <= Integer.MAX_VALUE
                ? Collections.nCopies((int) count, numbers.get(0))
                : numbers;
        Tensor value = tensor(input, all, shape).asConstantNode();
        if (fixed) {
            initializers.put(input.name(), value);
        } else {
            fill(input, value);
        }
    }

    /** A value for as many elements as other inputs' sizes say, such as a state for each example. */
    private void fill(ValueInfo input, Tensor value) {
        List<String> sizes = new ArrayList<>();
        for (int axis = 0; axis < input.dims().size(); axis++) {
            sizes.add(
                    input.isFixed(axis)
                            ? constant("pinned_size", Tensor.vector(input.dim(axis)))
                            : sizeOfOther(input, axis));
        }
        String shape = node("Concat", sizes, free("pinned_shape"), 0);
        String number = constant("pinned_value", value);
        nodes.add(new Node(
                free("pinned_" + input.name()), "", "Expand", List.of(number, shape), List.of(input.name()), Map.of()));
    }

    private String constant(String wanted, Tensor value) {
        String name = free(wanted);
        initializers.put(name, value.asConstantNode());
        return name;
    }

    private String node(String op, List<String> of, String output, int axis) {
        Map<String, AttributeProto> attributes =
                new Attributes().integer("axis", axis).build();
        nodes.add(new Node(output, "", op, of, List.of(output), attributes));
        return output;
    }

    private String sizeOfOther(ValueInfo input, int axis) {
        String wanted = input.dims().get(axis);
        for (ValueInfo other : inputs) {
            int at = other.dims().indexOf(wanted);
            if (at >= 0) {
                return size(other, at);
            }
        }
        List<Long> given = sizes.sizes().getOrDefault(input.name(), List.of());
        if (axis == 0 || axis < given.size() && given.get(axis) == InputSizes.OPEN) {
            return size(examples(), 0);
        }
        List<String> dims = new ArrayList<>(input.dims());
        dims.set(axis, "N");
        throw new InvalidModelException("a value is given for input '" + input.name() + "' " + input.dims()
                + ", whose size '" + wanted + "' on axis " + axis + " is open and no other input's; give it with "
                + "--input-shape (inputShape of OnnxBackbone): " + input.name() + "=" + String.join("x", dims)
                + " if it is the number of examples, else a number in the place of N");
    }

    /** The input whose first axis is the examples'. */
    private ValueInfo examples() {
        return inputs.stream()
                .filter(other -> !other.dims().isEmpty() && !other.isFixed(0))
                .findFirst()
                .orElse(inputs.get(0));
    }

    private String size(ValueInfo of, int axis) {
        String shape = free("pinned_shape");
        nodes.add(new Node(shape, "", "Shape", List.of(of.name()), List.of(shape), Map.of()));
        return node("Gather", List.of(shape, constant("pinned_axis", Tensor.vector(axis))), free("pinned_size"), 0);
    }

    private static Tensor tensor(ValueInfo input, List<Double> numbers, long[] shape) {
        ElementType type = input.type();
        if (type.isDifferentiable()) {
            return Tensor.ofReals(
                    type, numbers.stream().mapToDouble(Double::doubleValue).toArray(), shape);
        }
        ByteBuffer data = Tensor.allocate(type, numbers.size());
        for (double number : numbers) {
            long whole = (long) number;
            boolean fits = whole == number
                    && switch (type) {
                        case BOOL -> whole == 0 || whole == 1;
                        case INT8 -> whole == (byte) whole;
                        case UINT8 -> whole == (whole & 0xFF);
                        case INT16 -> whole == (short) whole;
                        case UINT16 -> whole == (whole & 0xFFFF);
                        case INT32 -> whole == (int) whole;
                        case UINT32 -> whole == (whole & 0xFFFFFFFFL);
                        case UINT64 -> whole >= 0;
                        default -> true;
                    };
            if (!fits) {
                throw new InvalidModelException("the value " + number + " is given for input '" + input.name()
                        + "', which has the element type " + type + "; expected a number of that type");
            }
            switch (type.bytes()) {
                case 1 -> data.put((byte) whole);
                case 2 -> data.putShort((short) whole);
                case 4 -> data.putInt((int) whole);
                default -> data.putLong(whole);
            }
        }
        return new Tensor(type, shape, data.flip());
    }
}
