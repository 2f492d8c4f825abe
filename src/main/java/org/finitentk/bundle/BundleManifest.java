package org.finitentk.bundle;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.finitentk.internal.network.Product;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ValueInfo;

/**
 * What bundle.json says.
 *
 * @param producer program and version that made the bundle
 * @param sourceName how the source model is called
 * @param sourceSha256 SHA-256 of the source model, or "" if the producer did not tell
 * @param opset opset of the graphs
 * @param inputs the network's inputs
 * @param output the network's output
 * @param outputSize k
 * @param parameters names, shapes, offsets
 * @param files SHA-256 of every other file of the bundle, by name
 */
record BundleManifest(
        String producer,
        String sourceName,
        String sourceSha256,
        int opset,
        List<ValueInfo> inputs,
        ValueInfo output,
        int outputSize,
        List<Parameter> parameters,
        Map<String, String> files) {
    static final String FILE = "bundle.json";
    static final String FORMAT = "finite-ntk-bundle";
    static final int VERSION = 1;

    BundleManifest {
        inputs = List.copyOf(inputs);
        parameters = List.copyOf(parameters);
        files = Collections.unmodifiableMap(new TreeMap<>(files));
    }

    /**
     * As it is written by this program: graphs are in memory at one opset, and what identifies the source stays the
     * same when graphs are written anew.
     */
    BundleManifest written(String sha256, Map<String, String> newFiles) {
        return new BundleManifest(
                producer, sourceName, sha256, Graph.OPSET, inputs, output, outputSize, parameters, newFiles);
    }

    long parameterCount() {
        Parameter last = parameters.get(parameters.size() - 1);
        return last.offset() + last.size();
    }

    /** Checks what the manifest says against itself. */
    void validate() {
        require(opset >= 1, "opset is " + opset + "; expected 1 or more");
        require(
                output.type() == ElementType.FLOAT || output.type() == ElementType.DOUBLE,
                "the output's type is " + output.type() + "; expected FLOAT or DOUBLE");
        require(outputSize >= 1, "outputSize is " + outputSize + "; expected 1 or more");
        require(!inputs.isEmpty(), "it lists no network inputs");
        require(!parameters.isEmpty(), "it lists no parameters");
        requireDistinct("parameter", parameters.stream().map(Parameter::name).toList());
        requireDistinct("input", inputs.stream().map(ValueInfo::name).toList());
        long offset = 0;
        for (Parameter parameter : parameters) {
            require(
                    parameter.offset() == offset,
                    "parameter '" + parameter.name() + "' has offset " + parameter.offset() + "; expected " + offset
                            + ", the sum of the sizes before it");
            require(
                    parameter.shape().stream().allMatch(dim -> dim >= 0),
                    "parameter '" + parameter.name() + "' has shape " + parameter.shape());
            offset = end(parameter);
        }
        require(
                offset <= Integer.MAX_VALUE,
                "it has " + offset + " parameters; at most " + Integer.MAX_VALUE + " are supported");
        for (Product product : Product.values()) {
            require(files.containsKey(fileOf(product)), "it lists no file " + fileOf(product));
        }
        for (String file : files.keySet()) {
            require(
                    file.matches("[A-Za-z0-9_][A-Za-z0-9_.-]*") && !file.equals(FILE),
                    "it lists a file '" + file + "'; expected a plain name of letters, digits, '_', '-' and '.'");
        }
    }

    private static long end(Parameter parameter) {
        try {
            return Math.addExact(parameter.offset(), parameter.size());
        } catch (ArithmeticException e) {
            throw new InvalidModelException(
                    FILE + " is not valid: parameter '" + parameter.name() + "' of shape " + parameter.shape()
                            + " is too large",
                    e);
        }
    }

    private static void requireDistinct(String kind, List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            require(seen.add(name), "it lists " + kind + " '" + name + "' twice");
        }
    }

    private static void require(boolean condition, String problem) {
        if (!condition) {
            throw new InvalidModelException(FILE + " is not valid: " + problem);
        }
    }

    /** The file of a product's graph. */
    static String fileOf(Product product) {
        return switch (product) {
            case FORWARD -> "forward.onnx";
            case JVP -> "jvp.onnx";
            case VJP -> "vjp.onnx";
        };
    }
}
