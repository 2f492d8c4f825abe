package org.finitentk.provenance;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.finitentk.onnx.AtomicFile;
import org.tribuo.Model;

/**
 * A Tribuo model in a file: Tribuo's protobuf form, which is written, or Java's serialization, which is only read, because Tribuo's own training programs still write it.
 * Java's form is read through Tribuo's filter of admitted classes with this library's added, so a file can name no class outside Tribuo, OLCUT, this library and a few
 * packages of Java.
 */
final class ModelFile {
    /** Tribuo's docs/jep-290-filter.txt, with our package and limits. */
    private static final String ADMITTED = "maxdepth=10000;org.finitentk.**;org.tribuo.**;com.oracle.labs.mlrg.olcut.util.*;com.oracle.labs.mlrg.olcut.provenance.**;"
        + "com.oracle.labs.mlrg.olcut.config.*;java.util.**;java.io.File;java.nio.file.Path;java.net.URL;java.time.*;java.lang.*;!*";

    private ModelFile() {
    }

    /**
     * Writes a model in protobuf form.
     *
     * @param model the model
     * @param file the file, replaced as a whole if it exists
     * @throws IOException if it cannot be written; an existing file is then left as it was
     */
    static void write(Model<?> model, Path file) throws IOException {
        AtomicFile.write(file, model::serializeToFile);
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
        try {
            return isJavaSerialized(file) ? readJava(file) : Model.deserializeFromFile(file);
        } catch (InvalidClassException e) {
            throw new NotReproducibleException("model file '" + file + "' names a class that is not admitted: " + e.getMessage(), e);
        } catch (IOException | RuntimeException | ClassNotFoundException | LinkageError e) {
            throw new NotReproducibleException("file '" + file + "' is damaged or holds no Tribuo model: " + e.getMessage(), e);
        }
    }

    private static boolean isJavaSerialized(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.read() == 0xAC && in.read() == 0xED;
        }
    }

    private static Model<?> readJava(Path file) throws IOException, ClassNotFoundException {
        try (ObjectInputStream in = new ObjectInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            in.setObjectInputFilter(ObjectInputFilter.Config.createFilter(ADMITTED));
            if (in.readObject() instanceof Model<?> model) {
                return model;
            }
            throw new NotReproducibleException("it holds another object");
        }
    }
}
