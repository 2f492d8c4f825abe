package org.finitentk.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One operator call. Omitted optional inputs and outputs are empty strings, as in ONNX.
 *
 * @param name the node's name in the file, or one made from its first output when the file gives none
 * @param domain operator domain, "" for the standard one
 * @param op operator type
 * @param inputs names of the inputs
 * @param outputs names of the outputs
 * @param attributes attributes by name
 */
public record Node(
        String name,
        String domain,
        String op,
        List<String> inputs,
        List<String> outputs,
        Map<String, AttributeProto> attributes) {
    /** An attribute that no file has: which of several functions of one name the node calls. */
    public static final String OVERLOAD = "org.finitentk.overload";

    /**
     * Copies the collections; attributes are in the order of their names, so that a graph is always written as the same
     * bytes.
     *
     * @param name the node's name
     * @param domain operator domain
     * @param op operator type
     * @param inputs names of the inputs
     * @param outputs names of the outputs
     * @param attributes attributes by name
     */
    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        // in the order of their names: Map.copyOf has another order in every run of the JVM, and files would differ by
        // it
        attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    }

    /**
     * An operator call as a file has it. A node without a name is named after its first output.
     *
     * @param proto the file's node
     * @return the node; the domain {@code ai.onnx} is the standard one
     */
    public static Node of(NodeProto proto) {
        Map<String, AttributeProto> attributes = new LinkedHashMap<>();
        proto.getAttributeList().forEach(a -> attributes.put(a.getName(), a));
        if (!proto.getOverload().isEmpty()) {
            attributes.put(
                    OVERLOAD,
                    AttributeProto.newBuilder()
                            .setName(OVERLOAD)
                            .setS(proto.getOverloadBytes())
                            .build());
        }
        String domain = proto.getDomain().equals("ai.onnx") ? "" : proto.getDomain();
        String first = proto.getOutputList().stream()
                .filter(output -> !output.isEmpty())
                .findFirst()
                .orElse(proto.getOpType());
        String name = proto.getName().isEmpty() ? first : proto.getName();
        return new Node(name, domain, proto.getOpType(), proto.getInputList(), proto.getOutputList(), attributes);
    }

    /**
     * The call as a file has it.
     *
     * @return the file's node
     */
    public NodeProto toProto() {
        NodeProto.Builder proto = NodeProto.newBuilder()
                .setName(name)
                .setDomain(domain)
                .setOpType(op)
                .addAllInput(inputs)
                .addAllOutput(outputs);
        attributes.values().stream()
                .filter(attribute -> !attribute.getName().equals(OVERLOAD))
                .forEach(proto::addAttribute);
        return (has(OVERLOAD) ? proto.setOverload(string(OVERLOAD, "")) : proto).build();
    }

    /**
     * The nodes with names of their own: the first that has a name keeps it. ONNX Runtime refuses a graph in which two
     * nodes have the same name, whoever gave it; nothing refers to a node by it.
     *
     * @param nodes nodes of one graph
     * @return the same nodes where nothing is twice
     */
    public static List<Node> withOwnNames(List<Node> nodes) {
        Set<String> given = new HashSet<>();
        nodes.forEach(node -> given.add(node.name()));
        if (given.size() == nodes.size()) {
            return nodes;
        }
        Set<String> used = new HashSet<>();
        List<Node> unique = new ArrayList<>();
        for (Node node : nodes) {
            String name = node.name();
            for (int i = 2; !used.add(name); i++) {
                String next = node.name() + "_" + i;
                name = given.contains(next) ? name : next;
            }
            unique.add(
                    name.equals(node.name())
                            ? node
                            : new Node(
                                    name, node.domain(), node.op(), node.inputs(), node.outputs(), node.attributes()));
        }
        return unique;
    }
    /**
     * The same operator on values of other names.
     *
     * @param names the new name of each value
     * @return a node of the same name
     */
    public Node renamed(UnaryOperator<String> names) {
        List<String> in = inputs.stream().map(names).toList();
        List<String> out = outputs.stream().map(names).toList();
        return new Node(name, domain, op, in, out, attributes);
    }

    /**
     * An input's name.
     *
     * @param i position
     * @return the name, "" when the input is omitted or the node has fewer inputs
     */
    public String input(int i) {
        return i < inputs.size() ? inputs.get(i) : "";
    }

    /**
     * Whether an optional input is given.
     *
     * @param i position
     * @return true if present and not empty
     */
    public boolean hasInput(int i) {
        return !input(i).isEmpty();
    }

    /**
     * The first output's name.
     *
     * @return output 0
     */
    public String output() {
        return outputs.get(0);
    }

    /**
     * Whether the attribute is given.
     *
     * @param key attribute name
     * @return true if present
     */
    public boolean has(String key) {
        return attributes.containsKey(key);
    }

    /**
     * An integer attribute.
     *
     * @param key attribute name
     * @param defaultValue used when absent
     * @return the value
     */
    public long integer(String key, long defaultValue) {
        AttributeProto a = attributes.get(key);
        return a == null ? defaultValue : a.getI();
    }

    /**
     * A float attribute.
     *
     * @param key attribute name
     * @param defaultValue used when absent
     * @return the value
     */
    public float real(String key, float defaultValue) {
        AttributeProto a = attributes.get(key);
        return a == null ? defaultValue : a.getF();
    }

    /**
     * A string attribute.
     *
     * @param key attribute name
     * @param defaultValue used when absent
     * @return the value
     */
    public String string(String key, String defaultValue) {
        AttributeProto a = attributes.get(key);
        return a == null ? defaultValue : a.getS().toString(StandardCharsets.UTF_8);
    }

    /**
     * A list-of-strings attribute.
     *
     * @param key attribute name
     * @return the values, empty when absent
     */
    public List<String> strings(String key) {
        AttributeProto a = attributes.get(key);
        return a == null
                ? List.of()
                : a.getStringsList().stream()
                        .map(s -> s.toString(StandardCharsets.UTF_8))
                        .toList();
    }

    /**
     * A list-of-integers attribute.
     *
     * @param key attribute name
     * @return the values, or null when absent
     */
    public long @Nullable [] integers(String key) {
        AttributeProto a = attributes.get(key);
        return a == null
                ? null
                : a.getIntsList().stream().mapToLong(Long::longValue).toArray();
    }

    /**
     * A list-of-floats attribute.
     *
     * @param key attribute name
     * @return the values, or null when absent
     */
    public float @Nullable [] reals(String key) {
        AttributeProto a = attributes.get(key);
        if (a == null) {
            return null;
        }
        float[] values = new float[a.getFloatsCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = a.getFloats(i);
        }
        return values;
    }

    /**
     * The names in the bodies of a control-flow node, among which are those that it takes from the graph around it
     * without listing them as inputs.
     *
     * @return names, empty for most operators
     */
    public Set<String> bodyNames() {
        return Subgraphs.names(this);
    }

    /**
     * How messages name this node.
     *
     * @return e.g. {@code node 'conv1' (Conv)}
     */
    public String describe() {
        return "node '" + name + "' (" + (domain.isEmpty() ? op : domain + "." + op) + ")";
    }
}
