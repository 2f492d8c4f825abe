package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import com.google.protobuf.ByteString;
import java.util.LinkedHashMap;
import java.util.Map;

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
        map.put(
                key,
                AttributeProto.newBuilder()
                        .setName(key)
                        .setType(AttributeProto.AttributeType.INT)
                        .setI(value)
                        .build());
        return this;
    }

    /**
     * Adds a float.
     *
     * @param key attribute name
     * @param value its value
     * @return this
     */
    public Attributes real(String key, float value) {
        map.put(
                key,
                AttributeProto.newBuilder()
                        .setName(key)
                        .setType(AttributeProto.AttributeType.FLOAT)
                        .setF(value)
                        .build());
        return this;
    }

    /**
     * Adds a string.
     *
     * @param key attribute name
     * @param value its value
     * @return this
     */
    public Attributes string(String key, String value) {
        map.put(
                key,
                AttributeProto.newBuilder()
                        .setName(key)
                        .setType(AttributeProto.AttributeType.STRING)
                        .setS(ByteString.copyFromUtf8(value))
                        .build());
        return this;
    }

    /**
     * Adds a list of integers.
     *
     * @param key attribute name
     * @param values its values
     * @return this
     */
    public Attributes integers(String key, long... values) {
        AttributeProto.Builder a = AttributeProto.newBuilder().setName(key).setType(AttributeProto.AttributeType.INTS);
        for (long v : values) {
            a.addInts(v);
        }
        map.put(key, a.build());
        return this;
    }

    /**
     * Adds a list of strings.
     *
     * @param key attribute name
     * @param values its values
     * @return this
     */
    public Attributes strings(String key, String... values) {
        AttributeProto.Builder a =
                AttributeProto.newBuilder().setName(key).setType(AttributeProto.AttributeType.STRINGS);
        for (String v : values) {
            a.addStrings(ByteString.copyFromUtf8(v));
        }
        map.put(key, a.build());
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
