package org.finitentk.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.finitentk.internal.onnx.FloatConstant;
import org.finitentk.onnx.Parameter;

/**
 * How {@code inspect} lists float constants and why each is a parameter or not: all of them in JSON, as many as can be
 * read in text.
 */
final class ConstantList {
    /** Lines of parameters, and of other constants; networks have thousands. */
    private static final int MOST_LINES = 200;
    /** Constants that have one reason are listed singly up to this number. */
    private static final int MOST_SINGLY = 5;

    private static final String ROW = "  %12s %12d  %-20s %s: %s";

    private final List<FloatConstant> constants;

    ConstantList(List<FloatConstant> constants) {
        this.constants = constants;
    }

    /** Lines on the parameters, in the order of θ. */
    List<String> parameters(List<Parameter> parameters) {
        Map<String, String> reasons =
                constants.stream().collect(Collectors.toMap(FloatConstant::name, FloatConstant::reason));
        List<String> lines = parameters.stream()
                .limit(MOST_LINES)
                .map(p -> format(
                        ROW,
                        p.offset(),
                        p.size(),
                        p.shape(),
                        p.name(),
                        reasons.getOrDefault(p.name(), "a parameter of the bundle")))
                .collect(Collectors.toCollection(ArrayList::new));
        if (parameters.size() > MOST_LINES) {
            lines.add(format("  and %d more, which --json lists", parameters.size() - MOST_LINES));
        }
        return lines;
    }

    /**
     * Lines on constants that are no parameters: many that have one reason, but for the names of their nodes, are one
     * line.
     */
    List<String> others() {
        Map<String, List<FloatConstant>> groups = new LinkedHashMap<>();
        constants.stream()
                .filter(constant -> !constant.weight())
                .forEach(constant -> groups.computeIfAbsent(
                                constant.reason().replaceAll("'[^']*'", ""), key -> new ArrayList<>())
                        .add(constant));
        List<String> lines = new ArrayList<>();
        groups.values()
                .forEach(group -> lines.addAll(
                        group.size() > MOST_SINGLY
                                ? List.of(together(group))
                                : group.stream()
                                        .map(c -> format(ROW, "", c.size(), c.shape(), c.name(), c.reason()))
                                        .toList()));
        return lines.size() <= MOST_LINES ? lines : shortened(lines);
    }

    private static String together(List<FloatConstant> group) {
        FloatConstant first = group.get(0);
        FloatConstant last = group.get(group.size() - 1);
        long elements = group.stream().mapToLong(FloatConstant::size).sum();
        return format(
                ROW,
                group.size() + " times",
                elements,
                "",
                first.name() + " to " + last.name(),
                "of the first, " + first.reason());
    }

    private static List<String> shortened(List<String> lines) {
        List<String> some = new ArrayList<>(lines.subList(0, MOST_LINES));
        some.add(format("  and %d more lines, which --json lists", lines.size() - MOST_LINES));
        return some;
    }

    /** Every constant, with its reason. */
    void addTo(ArrayNode array) {
        for (FloatConstant c : constants) {
            c.shape()
                    .forEach(array.addObject()
                            .put("name", c.name())
                            .put("size", c.size())
                            .put("parameter", c.weight())
                            .put("reason", c.reason())
                            .putArray("shape")::add);
        }
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
