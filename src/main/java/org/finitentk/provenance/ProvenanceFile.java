package org.finitentk.provenance;

import com.oracle.labs.mlrg.olcut.config.json.JsonProvenanceSerialization;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import com.oracle.labs.mlrg.olcut.provenance.io.ObjectMarshalledProvenance;
import com.oracle.labs.mlrg.olcut.provenance.io.ProvenanceSerializationException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.finitentk.internal.tribuo.RelativePaths;
import org.finitentk.internal.util.AtomicFile;
import org.tribuo.Model;
import org.tribuo.provenance.ModelProvenance;

/**
 * A model's provenance as a JSON file: OLCUT's list of marshalled objects, the model's own first, as
 * {@link JsonProvenanceSerialization} writes and reads it. Always in UTF-8. Paths are relative to the folder in which
 * the program that writes them runs, and are taken from the folder in which the program that reads them runs.
 */
public final class ProvenanceFile {
    private static final Pattern UNKNOWN_CONSTANT = Pattern.compile("No enum constant ([\\w.$]+)\\.(\\w+)");

    private static final long LARGEST = 256L << 20;

    private ProvenanceFile() {}

    /**
     * Writes a model's provenance.
     *
     * @param model the model
     * @param file the file, replaced as a whole if it exists
     * @throws IOException if it cannot be written; an existing file is then left as it was
     */
    public static void write(Model<?> model, Path file) throws IOException {
        write(model.getProvenance(), file);
    }

    /**
     * Writes a provenance.
     *
     * @param provenance the provenance of a model
     * @param file the file, replaced as a whole if it exists
     * @throws IOException if it cannot be written; an existing file is then left as it was
     */
    public static void write(ModelProvenance provenance, Path file) throws IOException {
        String json = toJson(provenance);
        try {
            AtomicFile.write(file, temporary -> Files.writeString(temporary, json + "\n", StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IOException("the provenance '" + file + "' cannot be written: " + e.getMessage(), e);
        }
    }

    /**
     * A provenance in OLCUT's JSON.
     *
     * @param provenance of a model or of any configured object
     * @return the text, in which paths of files are relative to the folder in which this process runs
     */
    public static String toJson(ObjectProvenance provenance) {
        return new JsonProvenanceSerialization(true)
                .serializeToString(RelativePaths.of(ProvenanceUtil.marshalProvenance(provenance)));
    }

    /**
     * Reads a provenance. What the file names is only looked at, not configured or run.
     *
     * @param file a file that {@link #write} or OLCUT made
     * @return the provenance
     * @throws IOException if the file cannot be read
     * @throws NotReproducibleException if it holds no model's provenance
     */
    public static ModelProvenance read(Path file) throws IOException {
        requireFile(file);
        if (Files.size(file) > LARGEST) {
            throw new NotReproducibleException("provenance file '" + file + "' has " + Files.size(file)
                    + " bytes; at most " + LARGEST + " are read");
        }
        String json;
        try {
            json = Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw new NotReproducibleException("provenance file '" + file + "' is not JSON: it is not UTF-8 text", e);
        }
        return parse(json, file);
    }

    static void requireFile(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(
                    "'" + file + "' is a folder; expected a file with a Tribuo model, or a provenance in JSON");
        }
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString(), null, "there is no such file");
        }
    }

    private static ModelProvenance parse(String json, Path file) {
        try {
            List<ObjectMarshalledProvenance> objects =
                    new JsonProvenanceSerialization(false).deserializeFromString(json);
            MarshalledProvenance.require(objects);
            ObjectProvenance root = ProvenanceUtil.unmarshalProvenance(objects);
            if (root instanceof ModelProvenance provenance) {
                return provenance;
            }
            throw new NotReproducibleException(
                    "it starts with the provenance of a " + root.getClassName() + "; expected a model's");
        } catch (NotReproducibleException e) {
            throw new NotReproducibleException("provenance file '" + file + "' cannot be used: " + e.getMessage(), e);
        } catch (ProvenanceSerializationException | RuntimeException e) {
            Matcher unknown = UNKNOWN_CONSTANT.matcher(reason(e));
            throw new NotReproducibleException(
                    "provenance file '" + file
                            + (unknown.find()
                                    ? "' has the value '" + unknown.group(2) + "' of " + unknown.group(1)
                                            + ", which this version does not know; if a later one recorded it, "
                                            + "reproduce with that one"
                                    : "' is truncated or not a provenance in JSON: " + reason(e)),
                    e);
        } catch (StackOverflowError e) {
            throw new NotReproducibleException("provenance file '" + file + "' nests too deeply", e);
        }
    }

    /** The innermost message's first line: outer ones only say that parsing failed. */
    private static String reason(Throwable e) {
        Throwable innermost = e;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        String message = innermost.getMessage();
        return message == null
                ? innermost.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
