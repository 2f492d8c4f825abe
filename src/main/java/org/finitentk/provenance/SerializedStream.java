package org.finitentk.provenance;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectStreamConstants;
import java.io.StreamCorruptedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the structure of a stream of Java serialization without making any object, to refuse what no filter of classes
 * sees: a hash table or sorted set is filled while it is read, which hashes or compares its keys. Sets inside sets,
 * each named twice by the next, take longer to hash than anybody waits, and a URL asks the network for its host. Keys
 * of models are texts, numbers, constants and outputs; others are refused. The grammar is that of the Java Object
 * Serialization Specification, section 6.4.
 */
final class SerializedStream {
    private static final Set<String> TABLES =
            Set.of("java.util.HashMap", "java.util.HashSet", "java.util.TreeMap", "java.util.TreeSet");
    private static final Set<String> MAPS = Set.of("java.util.HashMap", "java.util.TreeMap");
    private static final String TEXT = "java.lang.String";
    private static final Set<String> KEYS = Set.of(
            TEXT,
            "java.lang.Integer",
            "java.lang.Long",
            "java.lang.Double",
            "java.lang.Float",
            "java.lang.Short",
            "java.lang.Byte",
            "java.lang.Character",
            "java.lang.Boolean",
            "org.tribuo.classification.Label",
            "org.tribuo.multilabel.MultiLabel",
            "org.tribuo.regression.Regressor",
            "org.tribuo.regression.Regressor$DimensionTuple",
            "org.tribuo.clustering.ClusterID",
            "org.tribuo.anomaly.Event");

    private record Description(
            String name, int flags, String fields, @Nullable Description parent) {
        boolean isEnum() {
            return (flags & ObjectStreamConstants.SC_ENUM) != 0;
        }
    }

    private final DataInputStream in;
    private final int deepest;
    /** A class's description, or the name of an object's class, "enum" for any constant. */
    private final List<Object> handles = new ArrayList<>();

    private int depth;

    private SerializedStream(DataInputStream in, int deepest) {
        this.in = in;
        this.deepest = deepest;
    }

    /**
     * Checks the first object of a stream.
     *
     * @param in from its first byte
     * @param deepest how deep objects may be inside each other
     * @throws IOException if the stream is damaged or ends early
     * @throws NotReproducibleException naming what may not be a key
     */
    static void require(DataInputStream in, int deepest) throws IOException {
        if (in.readShort() != ObjectStreamConstants.STREAM_MAGIC
                || in.readShort() != ObjectStreamConstants.STREAM_VERSION) {
            throw new StreamCorruptedException("it does not start as a serialized object does");
        }
        new SerializedStream(in, deepest).content(in.readByte());
    }

    /** The name of the class of what follows, "enum" for a constant, "" for null. */
    private String content(byte tag) throws IOException {
        if (++depth > deepest) {
            throw new StreamCorruptedException("its objects are more than " + deepest + " deep inside each other");
        }
        try {
            return switch (tag) {
                case ObjectStreamConstants.TC_NULL -> "";
                case ObjectStreamConstants.TC_REFERENCE -> handle() instanceof String name ? name : "java.lang.Class";
                case ObjectStreamConstants.TC_STRING -> text(in.readUnsignedShort());
                case ObjectStreamConstants.TC_LONGSTRING -> text(in.readLong());
                case ObjectStreamConstants.TC_ARRAY -> array();
                case ObjectStreamConstants.TC_OBJECT -> object();
                case ObjectStreamConstants.TC_ENUM -> constant();
                case ObjectStreamConstants.TC_CLASS ->
                    throw new InvalidClassException("a class by itself, as functions have that were written as lambdas "
                            + "(Tribuo's SimpleTransform), which are not run from files; store the model in Tribuo's "
                            + "protobuf form (serializeToFile)");
                default -> throw new StreamCorruptedException("a stored model has no element of the kind " + tag);
            };
        } finally {
            depth--;
        }
    }

    private Object handle() throws IOException {
        long number = (long) in.readInt() - ObjectStreamConstants.baseWireHandle;
        if (number < 0 || number >= handles.size()) {
            throw new StreamCorruptedException("it refers to object " + number + " of " + handles.size());
        }
        return handles.get((int) number);
    }

    private String text(long bytes) throws IOException {
        handles.add(TEXT);
        skip(bytes);
        return TEXT;
    }

    private void skip(long bytes) throws IOException {
        if (bytes < 0) {
            throw new StreamCorruptedException("a length is " + bytes);
        }
        in.skipNBytes(bytes);
    }

    private String constant() throws IOException {
        description();
        handles.add("enum");
        content(in.readByte());
        return "enum";
    }

    private String array() throws IOException {
        Description type = description();
        if (type == null || type.name().length() < 2) {
            throw new StreamCorruptedException("an array has no class");
        }
        handles.add(type.name());
        int length = in.readInt();
        char element = type.name().charAt(1);
        if (element == 'L' || element == '[') {
            for (int i = 0; i < length; i++) {
                content(in.readByte());
            }
        } else {
            skip((long) length * bytes(element));
        }
        return type.name();
    }

    private static int bytes(char type) throws IOException {
        return switch (type) {
            case 'B', 'Z' -> 1;
            case 'C', 'S' -> 2;
            case 'I', 'F' -> 4;
            case 'J', 'D' -> 8;
            default -> throw new StreamCorruptedException("there is no type '" + type + "'");
        };
    }

    private String object() throws IOException {
        Description type = description();
        if (type == null) {
            throw new StreamCorruptedException("an object has no class");
        }
        handles.add(type.isEnum() ? "enum" : type.name());
        List<Description> hierarchy = new ArrayList<>();
        for (Description next = type; next != null; next = next.parent()) {
            hierarchy.add(0, next);
        }
        for (Description part : hierarchy) {
            part(part);
        }
        return type.name();
    }

    private void part(Description type) throws IOException {
        if ((type.flags() & ObjectStreamConstants.SC_EXTERNALIZABLE) != 0) {
            if ((type.flags() & ObjectStreamConstants.SC_BLOCK_DATA) == 0) {
                throw new StreamCorruptedException(
                        "the form of " + type.name() + " is one that only old versions of Java wrote");
            }
        } else {
            for (char field : type.fields().toCharArray()) {
                if (field == 'L' || field == '[') {
                    content(in.readByte());
                } else {
                    skip(bytes(field));
                }
            }
            if ((type.flags() & ObjectStreamConstants.SC_WRITE_METHOD) == 0) {
                return;
            }
        }
        annotation(type.name());
    }

    /** What a class wrote by its own method. Maps write their keys and values in turn, sets their elements. */
    private void annotation(String owner) throws IOException {
        boolean table = TABLES.contains(owner);
        boolean map = MAPS.contains(owner);
        int count = 0;
        for (byte tag = in.readByte(); tag != ObjectStreamConstants.TC_ENDBLOCKDATA; tag = in.readByte()) {
            if (tag == ObjectStreamConstants.TC_BLOCKDATA) {
                skip(in.readUnsignedByte());
            } else if (tag == ObjectStreamConstants.TC_BLOCKDATALONG) {
                skip(in.readInt());
            } else {
                String found = content(tag);
                if (table
                        && !(map && count % 2 == 1)
                        && !found.isEmpty()
                        && !found.equals("enum")
                        && !KEYS.contains(found)) {
                    throw new NotReproducibleException("a " + owner + " has a key or element of the class " + found
                            + "; expected texts, numbers, constants or outputs");
                }
                count++;
            }
        }
    }

    private @Nullable Description description() throws IOException {
        byte tag = in.readByte();
        return switch (tag) {
            case ObjectStreamConstants.TC_NULL -> null;
            case ObjectStreamConstants.TC_REFERENCE -> {
                if (handle() instanceof Description known) {
                    yield known;
                }
                throw new StreamCorruptedException("it names an object where a class belongs");
            }
            case ObjectStreamConstants.TC_CLASSDESC -> newDescription();
            default -> throw new StreamCorruptedException("it has the kind " + tag + " where a class belongs");
        };
    }

    private Description newDescription() throws IOException {
        if (++depth > deepest) {
            throw new StreamCorruptedException("its classes are more than " + deepest + " deep inside each other");
        }
        String name = in.readUTF();
        in.readLong();
        int number = handles.size();
        handles.add("java.io.ObjectStreamClass");
        int flags = in.readUnsignedByte();
        int count = in.readUnsignedShort();
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < count; i++) {
            char type = (char) in.readUnsignedByte();
            fields.append(type);
            in.readUTF();
            if (type == 'L' || type == '[') {
                content(in.readByte());
            }
        }
        annotation("the class " + name);
        Description described = new Description(name, flags, fields.toString(), description());
        handles.set(number, described);
        depth--;
        return described;
    }
}
