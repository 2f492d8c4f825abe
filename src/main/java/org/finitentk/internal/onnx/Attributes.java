package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import com.google.protobuf.ByteString;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Attributes of a node under construction. */
public final class Attributes {
    /** No attributes. */
    public static final Map<String, AttributeProto> NONE = Map.of();

    private final Map<String, AttributeProto> map = new LinkedHashMap<>();

    /** Starts with none. */
    public Attributes() {}

    /**
     * Starts from a node's attributes.
     *
     * @param from attributes to copy
     */
    public Attributes(Map<String, AttributeProto> from) {
        map.putAll(from);
    }

    /**
     * Adds an integer.
     *
     * @param key attribute name
     * @param value its value
     * @return this
     */
    public Attributes integer(String key, long value) {
        return put(attribute(key, AttributeType.INT).setI(value));
    }

    /**
     * Adds a float.
     *
     * @param key attribute name
     * @param value its value
     * @return this
     */
    public Attributes real(String key, float value) {
        return put(attribute(key, AttributeType.FLOAT).setF(value));
    }

    /**
     * Adds a string.
     *
     * @param key attribute name
     * @param value its value
     * @return this
     */
    public Attributes string(String key, String value) {
        return put(attribute(key, AttributeType.STRING).setS(ByteString.copyFromUtf8(value)));
    }

    /**
     * Adds a list of integers.
     *
     * @param key attribute name
     * @param values its values
     * @return this
     */
    public Attributes integers(String key, long... values) {
        return put(attribute(key, AttributeType.INTS)
                .addAllInts(LongStream.of(values).boxed().toList()));
    }

    /**
     * Adds a list of strings.
     *
     * @param key attribute name
     * @param values its values
     * @return this
     */
    public Attributes strings(String key, String... values) {
        List<ByteString> all = Stream.of(values).map(ByteString::copyFromUtf8).toList();
        return put(attribute(key, AttributeType.STRINGS).addAllStrings(all));
    }

    private static AttributeProto.Builder attribute(String key, AttributeType type) {
        return AttributeProto.newBuilder().setName(key).setType(type);
    }

    private Attributes put(AttributeProto.Builder attribute) {
        map.put(attribute.getName(), attribute.build());
        return this;
    }

    /**
     * Leaves one out.
     *
     * @param key attribute name
     * @return this
     */
    public Attributes without(String key) {
        map.remove(key);
        return this;
    }

    /**
     * The result.
     *
     * @return attributes by name
     */
    public Map<String, AttributeProto> build() {
        return Map.copyOf(map);
    }
}
