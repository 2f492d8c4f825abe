package org.finitentk.provenance;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.finitentk.internal.store.UnknownVersionException;
import org.finitentk.internal.util.AtomicFile;
import org.tribuo.Model;

/**
 * A Tribuo model in a file: Tribuo's protobuf form, which is written, or Java's serialization, which is only read,
 * because Tribuo's own training programs still write it. Java's form is read through a filter: it can name no class
 * outside Tribuo, OLCUT, this library and those of Java that models are made of, its objects are not deep inside each
 * other, none is larger than the file explains, and its tables have plain keys ({@link SerializedStream}). A model that
 * was read is then put through its protobuf form, which checks it.
 */
final class ModelFile {
    /** Models of trees are the deepest. */
    private static final int DEEPEST = 500;
    /** What of Java is in models; most classes of java.util are not. */
    private static final String ADMITTED = "org.finitentk.**;org.tribuo.**;com.oracle.labs.mlrg.olcut.util.*;"
            + "com.oracle.labs.mlrg.olcut.provenance.**;com.oracle.labs.mlrg.olcut.config.*;"
            + "java.util.ArrayList;java.util.Arrays$ArrayList;java.util.LinkedList;java.util.BitSet;"
            + "java.util.Random;java.util.SplittableRandom;java.util.Map$Entry;java.util.Optional;"
            + "java.util.EnumSet$SerializationProxy;java.util.HashMap;java.util.HashSet;"
            + "java.util.LinkedHashMap;java.util.LinkedHashSet;java.util.TreeMap;java.util.TreeSet;"
            + "java.util.Collections$EmptyList;java.util.Collections$EmptyMap;"
            + "java.util.Collections$EmptySet;java.util.Collections$SingletonList;"
            + "java.util.Collections$SingletonMap;"
            + "java.util.Collections$SingletonSet;java.util.Collections$Unmodifiable*;java.io.File;"
            + "java.net.URL;java.time.*;"
            + "java.lang.Object;java.lang.String;java.lang.Enum;java.lang.Number;java.lang.Integer;"
            + "java.lang.Long;java.lang.Double;java.lang.Float;java.lang.Short;java.lang.Byte;"
            + "java.lang.Character;java.lang.Boolean;!*";

    private ModelFile() {}

    /**
     * Writes a model in protobuf form.
     *
     * @param model the model
     * @param file the file, replaced as a whole if it exists
     * @throws IOException if it cannot be written; an existing file is then left as it was
     */
    static void write(Model<?> model, Path file) throws IOException {
        try {
            AtomicFile.write(file, model::serializeToFile);
        } catch (IOException e) {
            throw new IOException("the model '" + file + "' cannot be written: " + e.getMessage(), e);
        }
    }

    /**
     * Reads a model in either form.
     *
     * @param file the file
     * @return the model
     * @throws IOException if the file cannot be read
     * @throws NotReproducibleException if it holds no Tribuo model
     */
    static Model<?> read(Path file) throws IOException {
        ProvenanceFile.requireFile(file);
        if (Files.size(file) == 0) {
            throw new NotReproducibleException("file '" + file + "' is empty; expected a Tribuo model");
        }
        try {
            return isJavaSerialized(file) ? readJava(file) : Model.deserializeFromFile(file);
        } catch (InvalidClassException e) {
            throw new NotReproducibleException(
                    "model file '" + file
                            + "' names a class that is not admitted, or more or larger objects than a model has: "
                            + reason(e),
                    e);
        } catch (IOException
                | RuntimeException
                | ClassNotFoundException
                | LinkageError
                | OutOfMemoryError
                | StackOverflowError e) {
            Throwable innermost = innermost(e);
            String wrong = isOfLaterVersion(innermost)
                    ? "was written by a later version"
                    : innermost instanceof ClassNotFoundException
                            ? "needs a class that this program does not have, or is damaged"
                            : "is damaged or holds no Tribuo model";
            throw new NotReproducibleException("file '" + file + "' " + wrong + ": " + reason(e), e);
        }
    }

    private static Throwable innermost(Throwable e) {
        Throwable innermost = e;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return innermost;
    }

    /** Ours, or by Tribuo's sentence. */
    private static boolean isOfLaterVersion(Throwable failure) {
        return failure instanceof UnknownVersionException
                || String.valueOf(failure.getMessage()).startsWith("Unknown version ");
    }

    /** The first line of the innermost message: outer ones only say that reading failed. */
    private static String reason(Throwable e) {
        Throwable innermost = innermost(e);
        String message = innermost.getMessage();
        return message == null
                        || innermost instanceof NullPointerException
                        || innermost instanceof IndexOutOfBoundsException
                ? "a part is missing or inconsistent (" + innermost.getClass().getSimpleName() + ")"
                : message.lines().findFirst().orElse("");
    }

    private static boolean isJavaSerialized(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.read() == 0xAC && in.read() == 0xED;
        }
    }

    private static Model<?> readJava(Path file) throws IOException, ClassNotFoundException {
        try (DataInputStream structure = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            SerializedStream.require(structure, DEEPEST);
        }
        try (ObjectInputStream in = new ObjectInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            in.setObjectInputFilter(filter(Files.size(file)));
            if (in.readObject() instanceof Model<?> model) {
                return checked(model);
            }
            throw new NotReproducibleException("it holds another object");
        }
    }

    /** Every object takes a byte of the file at least; a hash table has up to three places an entry. */
    private static ObjectInputFilter filter(long bytes) {
        return ObjectInputFilter.Config.createFilter("maxdepth=" + DEEPEST + ";maxbytes=" + bytes + ";maxrefs=" + bytes
                + ";maxarray=" + (64 + 3 * bytes) + ";" + ADMITTED);
    }

    /** Java's form is taken as it comes; reading the other form checks that the parts are there and fit each other. */
    private static Model<?> checked(Model<?> model) {
        try {
            return Model.deserialize(model.serialize());
        } catch (UnsupportedOperationException e) {
            // A model that Tribuo stores in Java's form only.
            return model;
        }
    }
}
