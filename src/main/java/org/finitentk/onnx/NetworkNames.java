package org.finitentk.onnx;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a network's own file says its positions mean: names of the input's elements and of the outputs, as JSON arrays
 * of strings in the model's metadata ({@code metadata_props}) under {@value #FEATURES} and {@value #OUTPUTS}. In
 * Python, {@code onnx.helper.set_model_props} writes them; in Java, {@link #addTo}.
 *
 * @param features one name for each element of one example's input, in C order (with several inputs, those of the first
 *     input first); empty if the file says nothing
 * @param outputs one name for each output (for a single logit, the label whose log odds it is); empty if the file says
 *     nothing
 */
public record NetworkNames(List<String> features, List<String> outputs) {
    /** What the keys start with that are meant for this library. */
    public static final String PREFIX = "finite_ntk.";
    /** Key of the names of the input's elements. */
    public static final String FEATURES = PREFIX + "features";
    /** Key of the names of the outputs. */
    public static final String OUTPUTS = PREFIX + "outputs";
    /** No names. */
    public static final NetworkNames NONE = new NetworkNames(List.of(), List.of());

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final int SHOWN = 100;

    /**
     * Copies the lists.
     *
     * @param features names of the input's elements
     * @param outputs names of the outputs
     * @throws IllegalArgumentException if a list has a name twice
     */
    public NetworkNames {
        features = List.copyOf(features);
        outputs = List.copyOf(outputs);
        requireDifferent(FEATURES, features);
        requireDifferent(OUTPUTS, outputs);
    }

    private static void requireDifferent(String key, List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new IllegalArgumentException(key + " lists '" + name + "' twice; expected every name once");
            }
        }
    }

    /**
     * The names that a graph carries.
     *
     * @param graph as it was read
     * @return empty lists where it says nothing
     * @throws InvalidModelException if it says what is no list of different names
     */
    public static NetworkNames of(Graph graph) {
        return of(graph.metadata());
    }

    /**
     * The names among a model's metadata.
     *
     * @param metadata entries by key
     * @return empty lists where they say nothing
     * @throws InvalidModelException if they say what is no list of different names
     */
    public static NetworkNames of(Map<String, String> metadata) {
        try {
            return new NetworkNames(read(FEATURES, metadata), read(OUTPUTS, metadata));
        } catch (IllegalArgumentException e) {
            throw new InvalidModelException("the model's metadata " + e.getMessage(), e);
        }
    }

    private static List<String> read(String key, Map<String, String> metadata) {
        String json = metadata.get(key);
        if (json == null) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        for (JsonNode name : array(key, json)) {
            if (!name.isTextual()) {
                throw new IllegalArgumentException(notNames(key, json));
            }
            names.add(name.textValue());
        }
        return names;
    }

    private static JsonNode array(String key, String json) {
        JsonNode array;
        try {
            array = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(notNames(key, json), e);
        }
        if (!array.isArray()) {
            throw new IllegalArgumentException(notNames(key, json));
        }
        return array;
    }

    private static String notNames(String key, String json) {
        String shown = json.length() <= SHOWN ? json : json.substring(0, SHOWN) + "…";
        return key + " is '" + shown + "'; expected a JSON array of strings";
    }

    /**
     * The names as a model's metadata.
     *
     * @return entries by key, none for an empty list
     */
    public Map<String, String> metadata() {
        Map<String, String> metadata = new TreeMap<>();
        put(FEATURES, features, metadata);
        put(OUTPUTS, outputs, metadata);
        return metadata;
    }

    private static void put(String key, List<String> names, Map<String, String> metadata) {
        if (!names.isEmpty()) {
            metadata.put(key, json(names));
        }
    }

    /**
     * Names as a JSON array.
     *
     * @param names in order
     * @return one line
     */
    public static String json(List<String> names) {
        try {
            return MAPPER.writeValueAsString(names);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a list of strings can be written", e);
        }
    }

    /**
     * A graph that carries these names; {@link ModelWriter} writes them.
     *
     * @param graph a network
     * @return the same network; names that it had and that are empty here are gone
     */
    public Graph addTo(Graph graph) {
        Map<String, String> entries = new TreeMap<>(graph.metadata());
        entries.remove(FEATURES);
        entries.remove(OUTPUTS);
        entries.putAll(metadata());
        return graph.withMetadata(entries);
    }
}
