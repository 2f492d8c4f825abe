package org.finitentk.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ValueInfo;

/** bundle.json to manifest and back; the format is documented at {@link LinearizationBundle}. */
final class ManifestJson {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private ManifestJson() {}

    static byte[] write(BundleManifest manifest) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("format", BundleManifest.FORMAT)
                .put("version", BundleManifest.VERSION)
                .put("producer", manifest.producer());
        ObjectNode source = root.putObject("source").put("name", manifest.sourceName());
        if (!manifest.sourceSha256().isEmpty()) {
            source.put("sha256", manifest.sourceSha256());
        }
        root.put("opset", manifest.opset());
        ArrayNode inputs = root.putArray("inputs");
        manifest.inputs().forEach(input -> write(input, inputs.addObject()));
        write(manifest.output(), root.putObject("output"));
        root.put("outputSize", manifest.outputSize()).put("parameterCount", manifest.parameterCount());
        ArrayNode parameters = root.putArray("parameters");
        for (Parameter parameter : manifest.parameters()) {
            ObjectNode node = parameters.addObject().put("name", parameter.name());
            ArrayNode shape = node.putArray("shape");
            parameter.shape().forEach(shape::add);
            node.put("offset", parameter.offset());
        }
        ObjectNode files = root.putObject("files");
        manifest.files().forEach((name, sha256) -> files.putObject(name).put("sha256", sha256));
        try {
            return MAPPER.writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values can be written", e);
        }
    }

    private static void write(ValueInfo value, ObjectNode node) {
        node.put("name", value.name()).put("type", value.type().name().toLowerCase(Locale.ROOT));
        ArrayNode dims = node.putArray("shape");
        for (int i = 0; i < value.dims().size(); i++) {
            if (value.isFixed(i)) {
                dims.add(value.dim(i));
            } else {
                dims.add(value.dims().get(i));
            }
        }
    }

    /**
     * Reads and validates a manifest.
     *
     * @throws InvalidModelException if it is not JSON or something is missing or wrong
     */
    static BundleManifest read(byte[] json) {
        JsonNode root;
        try {
            root = MAPPER.readTree(json);
        } catch (IOException e) {
            throw new InvalidModelException(BundleManifest.FILE + " is not JSON: " + firstLine(e), e);
        }
        String format = text(root, "format");
        if (!format.equals(BundleManifest.FORMAT)) {
            throw new InvalidModelException(
                    BundleManifest.FILE + " says format '" + format + "'; expected '" + BundleManifest.FORMAT + "'");
        }
        long version = integer(root, "version");
        if (version < 1 || version > BundleManifest.VERSION) {
            throw new InvalidModelException(BundleManifest.FILE + " says version " + version
                    + "; this program reads version 1 to " + BundleManifest.VERSION + ", so a newer one is needed");
        }
        List<ValueInfo> inputs = new ArrayList<>();
        array(root, "inputs").forEach(input -> inputs.add(value(input)));
        List<Parameter> parameters = new ArrayList<>();
        array(root, "parameters")
                .forEach(parameter -> parameters.add(
                        new Parameter(text(parameter, "name"), shape(parameter), integer(parameter, "offset"))));
        BundleManifest manifest = new BundleManifest(
                root.path("producer").asText("unknown"),
                root.path("source").path("name").asText("bundle"),
                root.path("source").path("sha256").asText(""),
                (int) Math.min(Integer.MAX_VALUE, integer(root, "opset")),
                inputs,
                value(member(root, "output")),
                (int) Math.min(Integer.MAX_VALUE, integer(root, "outputSize")),
                parameters,
                files(member(root, "files")));
        manifest.validate();
        if (integer(root, "parameterCount") != manifest.parameterCount()) {
            throw new InvalidModelException(
                    BundleManifest.FILE + " says parameterCount " + integer(root, "parameterCount")
                            + ", but its parameters have " + manifest.parameterCount() + " elements");
        }
        return manifest;
    }

    private static String firstLine(IOException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private static Map<String, String> files(JsonNode node) {
        Map<String, String> files = new TreeMap<>();
        node.fields()
                .forEachRemaining(file ->
                        files.put(file.getKey(), text(file.getValue(), "sha256").toLowerCase(Locale.ROOT)));
        return files;
    }

    private static ValueInfo value(JsonNode node) {
        List<String> dims = new ArrayList<>();
        for (JsonNode dim : array(node, "shape")) {
            dims.add(dimension(dim, "dynamic_" + text(node, "name") + "_" + dims.size()));
        }
        String type = text(node, "type");
        for (ElementType known : ElementType.values()) {
            if (known.name().equalsIgnoreCase(type)) {
                return new ValueInfo(text(node, "name"), known.computed(), dims);
            }
        }
        throw new InvalidModelException(BundleManifest.FILE + " has a value of type '" + type + "'; expected one of "
                + List.of(ElementType.values()));
    }

    /** A size, a symbol, or (null, "", -1) a dimension without a name. */
    private static String dimension(JsonNode dim, String symbol) {
        boolean digits = dim.isTextual()
                && !dim.textValue().isEmpty()
                && dim.textValue().chars().allMatch(c -> c >= '0' && c <= '9');
        if (dim.isTextual() && !digits) {
            return dim.textValue().isEmpty() ? symbol : dim.textValue();
        }
        if (dim.isNull() || dim.isIntegralNumber() && dim.canConvertToLong() && dim.longValue() == -1) {
            return symbol;
        }
        if (!dim.isIntegralNumber() || !dim.canConvertToLong() || dim.longValue() < 0) {
            throw new InvalidModelException(BundleManifest.FILE + " has a shape with " + dim
                    + "; expected whole numbers of 0 or more, or names of dynamic dimensions");
        }
        return Long.toString(dim.longValue());
    }

    private static List<Long> shape(JsonNode node) {
        List<Long> shape = new ArrayList<>();
        for (JsonNode dim : array(node, "shape")) {
            if (!dim.canConvertToLong() || dim.longValue() < 0) {
                throw new InvalidModelException(BundleManifest.FILE + " has a parameter shape with " + dim
                        + "; expected whole numbers of 0 or more");
            }
            shape.add(dim.longValue());
        }
        return shape;
    }

    private static JsonNode member(JsonNode node, String name) {
        JsonNode member = node.get(name);
        if (member == null || member.isNull()) {
            throw new InvalidModelException(BundleManifest.FILE + " has no '" + name + "'");
        }
        return member;
    }

    private static JsonNode array(JsonNode node, String name) {
        JsonNode member = member(node, name);
        if (!member.isArray()) {
            throw new InvalidModelException(BundleManifest.FILE + " has '" + name + "' that is not a list");
        }
        return member;
    }

    private static String text(JsonNode node, String name) {
        JsonNode member = member(node, name);
        if (!member.isTextual()) {
            throw new InvalidModelException(
                    BundleManifest.FILE + " has '" + name + "': " + member + "; expected a string");
        }
        return member.textValue();
    }

    private static long integer(JsonNode node, String name) {
        JsonNode member = member(node, name);
        if (!member.isIntegralNumber() || !member.canConvertToLong()) {
            throw new InvalidModelException(
                    BundleManifest.FILE + " has '" + name + "': " + member + "; expected a whole number");
        }
        return member.longValue();
    }
}
