package org.finitentk.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values that users give to inputs which are the same for all examples, such as the sampling rate of a voice detector:
 * these inputs become constants, and what they decide is decided.
 *
 * @param values for inputs by name, one number for all elements, or one for each in C order
 */
public record InputValues(Map<String, List<Double>> values) {
    /** No values. */
    public static final InputValues NONE = new InputValues(Map.of());

    private static final String EXPECTED =
            "expected the input's name and a number, or one for each element, such as sr=16000 or scale=0.5,0.5,2";

    /**
     * Copies the map.
     *
     * @param values by input
     */
    public InputValues {
        Map<String, List<Double>> copy = new LinkedHashMap<>();
        values.forEach((name, numbers) -> copy.put(name, List.copyOf(numbers)));
        values = Collections.unmodifiableMap(copy);
    }

    /**
     * Reads values as users write them.
     *
     * @param texts such as {@code sr=16000}, {@code scale=0.5,0.5,2} and {@code training=false}
     * @return the values
     * @throws IllegalArgumentException if a text is none such, or names an input twice
     */
    public static InputValues parse(List<String> texts) {
        Map<String, List<Double>> values = new LinkedHashMap<>();
        for (String text : texts) {
            int at = text.lastIndexOf('=');
            if (at < 1) {
                throw new IllegalArgumentException("the input value '" + text + "' is none; " + EXPECTED);
            }
            List<Double> numbers = new ArrayList<>();
            for (String part : text.substring(at + 1).split(",", -1)) {
                numbers.add(number(text, part.strip()));
            }
            if (values.put(text.substring(0, at), numbers) != null) {
                throw new IllegalArgumentException(
                        "two input values are for input '" + text.substring(0, at) + "'; expected one an input");
            }
        }
        return new InputValues(values);
    }

    private static double number(String text, String part) {
        switch (part) {
            case "true" -> {
                return 1;
            }
            case "false" -> {
                return 0;
            }
            default -> {
                try {
                    double number = Double.parseDouble(part);
                    if (Double.isFinite(number)) {
                        return number;
                    }
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException(
                            "the input value '" + text + "' has '" + part + "'; " + EXPECTED, e);
                }
                throw new IllegalArgumentException("the input value '" + text + "' has '" + part + "'; " + EXPECTED);
            }
        }
    }
}
