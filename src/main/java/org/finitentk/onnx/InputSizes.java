package org.finitentk.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Sizes that users give to the axes that a network's inputs leave open, such as a number of tokens or the height and
 * width of images.
 *
 * @param sizes for inputs by name, one number an axis, the examples' first; {@value #OPEN} leaves an axis open
 */
public record InputSizes(Map<String, List<Long>> sizes) {
    /** In the place of a size: the axis stays as the network has it. */
    public static final long OPEN = -1;
    /** No sizes. */
    public static final InputSizes NONE = new InputSizes(Map.of());

    private static final String EXPECTED = "expected one size an axis, such as ids=1x24 or image=Nx3x224x224, where N, "
            + "or 1 for the examples, leaves an axis as the network has it";

    /**
     * Copies the map.
     *
     * @param sizes by input
     */
    public InputSizes {
        sizes = Collections.unmodifiableMap(new LinkedHashMap<>(sizes));
    }

    /**
     * Reads sizes as users write them.
     *
     * @param texts such as {@code ids=1x24} and {@code image=Nx3x224x224}: whatever is no number leaves its axis open
     * @return the sizes
     * @throws IllegalArgumentException if a text is none such, or names an input twice
     */
    public static InputSizes parse(List<String> texts) {
        Map<String, List<Long>> sizes = new LinkedHashMap<>();
        for (String text : texts) {
            int at = text.lastIndexOf('=');
            if (at < 1 || at == text.length() - 1) {
                throw new IllegalArgumentException("the input shape '" + text + "' is none; " + EXPECTED);
            }
            List<Long> dims = new ArrayList<>();
            for (String part : text.substring(at + 1).split("[xX,]", -1)) {
                dims.add(size(text, part.strip()));
            }
            if (sizes.put(text.substring(0, at), dims) != null) {
                throw new IllegalArgumentException(
                        "two input shapes are for input '" + text.substring(0, at) + "'; expected one an input");
            }
        }
        return new InputSizes(sizes);
    }

    private static long size(String text, String part) {
        if (part.isEmpty() || part.matches("-.*|0+|\\d{10,}|\\d.*\\D.*")) {
            throw new IllegalArgumentException(
                    "the input shape '" + text + "' has the size '" + part + "'; " + EXPECTED);
        }
        return part.matches("\\d+") ? Long.parseLong(part) : OPEN;
    }

    /**
     * The sizes of one example.
     *
     * @param input its input
     * @param example sizes without the examples' axis
     * @return the sizes
     */
    public static InputSizes ofExample(String input, List<? extends Number> example) {
        List<Long> dims = new ArrayList<>(List.of(OPEN));
        example.forEach(size -> dims.add(size.longValue()));
        return new InputSizes(Map.of(input, dims));
    }

    /**
     * These sizes and others.
     *
     * @param others of other inputs; of an input that both have, these stand
     * @return all of them
     */
    public InputSizes and(InputSizes others) {
        Map<String, List<Long>> all = new LinkedHashMap<>(others.sizes);
        all.putAll(sizes);
        return new InputSizes(all);
    }

    /**
     * A network whose inputs have these sizes.
     *
     * @param graph the network
     * @return the same with fewer open axes, or itself
     * @throws InvalidModelException if it has no such input, the number of axes is another, or the network has fixed an
     *     axis to another size
     */
    public Graph on(Graph graph) {
        List<ValueInfo> inputs = on(graph.inputs());
        return inputs.equals(graph.inputs()) ? graph : graph.withInputs(inputs);
    }

    /**
     * Inputs of these sizes.
     *
     * @param inputs a network's
     * @return the same with fewer open axes
     * @throws InvalidModelException as for a graph
     */
    public List<ValueInfo> on(List<ValueInfo> inputs) {
        for (String name : sizes.keySet()) {
            if (inputs.stream().noneMatch(input -> input.name().equals(name))) {
                throw new InvalidModelException("the network has no input '" + name
                        + "', for which a shape is given; its inputs are "
                        + inputs.stream().map(InputSizes::describe).collect(Collectors.joining(" and ")));
            }
        }
        return inputs.stream().map(this::on).toList();
    }

    private ValueInfo on(ValueInfo input) {
        List<Long> given = sizes.get(input.name());
        if (given == null) {
            return input;
        }
        if (given.size() != input.dims().size()) {
            throw new InvalidModelException("the shape " + text(given) + " is given for input " + describe(input)
                    + ", which has " + input.dims().size() + " axes; expected one size for each, the examples first");
        }
        List<String> dims = new ArrayList<>(input.dims());
        for (int axis = 0; axis < dims.size(); axis++) {
            long size = given.get(axis);
            if (size == OPEN || axis == 0 && size == 1 && !input.isFixed(0)) {
                continue;
            }
            if (input.isFixed(axis) && input.dim(axis) != size) {
                throw new InvalidModelException("the shape " + text(given) + " is given for input " + describe(input)
                        + ": size " + size + " for axis " + axis + ", which the network has fixed to "
                        + input.dim(axis));
            }
            dims.set(axis, Long.toString(size));
        }
        return new ValueInfo(input.name(), input.type(), dims);
    }

    private static String text(List<Long> sizes) {
        return sizes.stream()
                .map(size -> size == OPEN ? "N" : Long.toString(size))
                .collect(Collectors.joining("x"));
    }

    private static String describe(ValueInfo input) {
        return "'" + input.name() + "' " + input.dims();
    }

    /**
     * Whether inputs have open axes besides the first, along which examples lie.
     *
     * @param inputs a network's
     * @return whether sizes can be given
     */
    public static boolean areOpen(List<ValueInfo> inputs) {
        return inputs.stream().anyMatch(input -> !openAxes(input).isEmpty());
    }

    private static List<Integer> openAxes(ValueInfo input) {
        List<Integer> open = new ArrayList<>();
        for (int axis = 1; axis < input.dims().size(); axis++) {
            if (!input.isFixed(axis)) {
                open.add(axis);
            }
        }
        return open;
    }

    /**
     * Says which axes are open and how their sizes are given, and which inputs are none of single examples.
     *
     * @param inputs a network's, of which some are open or single numbers
     * @return a sentence without its end
     */
    public static String advice(List<ValueInfo> inputs) {
        List<String> found = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        StringBuilder values = new StringBuilder();
        Map<String, String> letters = new HashMap<>();
        for (ValueInfo input : inputs) {
            if (input.dims().isEmpty()) {
                found.add("input '" + input.name() + "' is one number for all examples");
                values.append(" --input-value ").append(input.name()).append("=VALUE");
                continue;
            }
            List<Integer> open = openAxes(input);
            if (open.isEmpty()) {
                continue;
            }
            int examples = examplesAxis(input, inputs);
            if (examples > 0) {
                found.add("input '" + input.name() + "' has the examples on axis " + examples);
                values.append(" --input-value ").append(input.name()).append("=0");
                continue;
            }
            String axes = open.stream().map(String::valueOf).collect(Collectors.joining(" and "));
            found.add(
                    "input '" + input.name() + "' has open sizes on " + (open.size() == 1 ? "axis " : "axes ") + axes);
            line.append(" --input-shape ").append(input.name()).append('=');
            for (int axis = 0; axis < input.dims().size(); axis++) {
                String own = input.dims().get(axis);
                String size = input.isFixed(axis)
                        ? own
                        : axis == 0 ? "N" : letters.computeIfAbsent(own, unused -> letter(letters.size()));
                line.append(axis == 0 ? "" : "x").append(size);
            }
        }
        String shapes =
                line.isEmpty() ? "" : line + " with numbers for the letters (inputShape of OnnxBackbone), or examples";
        return String.join(", ", found) + "; give" + shapes
                + (values.isEmpty()
                        ? ""
                        : (line.isEmpty() ? "" : ", and") + values
                                + " (inputValues of OnnxBackbone) or another value that is the same for all examples");
    }

    /** One for each size that a file names, however often; N is for the examples. */
    private static String letter(int i) {
        return Character.toString('A' + (i < 'N' - 'A' ? i : i + 1));
    }

    /** An axis after the first that is as long as the first of another input is, by its name; 0 if there is none. */
    private static int examplesAxis(ValueInfo input, List<ValueInfo> inputs) {
        return openAxes(input).stream()
                .filter(axis -> inputs.stream()
                        .anyMatch(other -> !other.name().equals(input.name())
                                && !other.dims().isEmpty()
                                && !other.isFixed(0)
                                && other.dims().get(0).equals(input.dims().get(axis))))
                .findFirst()
                .orElse(0);
    }

    /**
     * A refusal of a network whose sizes are not known, or do not fit it.
     *
     * @param inputs as they were tried
     * @param refusal why the network cannot be used so
     * @return the same with what the sizes were, or how to give them
     */
    public static InvalidModelException withSizes(List<ValueInfo> inputs, InvalidModelException refusal) {
        String why = String.valueOf(refusal.getMessage());
        return new InvalidModelException(
                areOpen(inputs)
                        ? advice(inputs) + " (without sizes: " + why + ")"
                        : "with input " + describe(inputs) + ": " + why,
                refusal);
    }

    /**
     * Inputs in the form of the command line.
     *
     * @param inputs with sizes
     * @return such as {@code ids=Nx24}
     */
    public static String describe(List<ValueInfo> inputs) {
        return inputs.stream()
                .map(input -> {
                    StringBuilder text = new StringBuilder(input.name()).append('=');
                    for (int axis = 0; axis < input.dims().size(); axis++) {
                        text.append(axis == 0 ? "" : "x")
                                .append(input.isFixed(axis) ? input.dims().get(axis) : axis == 0 ? "N" : "?");
                    }
                    return text;
                })
                .collect(Collectors.joining(", "));
    }
}
