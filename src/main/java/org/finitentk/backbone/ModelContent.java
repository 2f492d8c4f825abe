package org.finitentk.backbone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelReader;
import org.finitentk.onnx.ModelWriter;
import org.jspecify.annotations.Nullable;

/**
 * A model as one self-contained array of bytes, which is what fitted models store, and its hash, by which open networks are shared. A file that needs no other file is
 * taken as it is, so its hash is what {@code sha256sum} prints; one with external data is rewritten with the data inside, so that its hash covers the data.
 */
final class ModelContent {
    private final String name;
    private final byte[] bytes;
    private final String sha256;
    private final @Nullable Graph parsed;

    private ModelContent(String name, byte[] bytes, @Nullable Graph parsed) {
        this.name = name;
        this.bytes = bytes;
        this.sha256 = sha256(bytes);
        this.parsed = parsed;
    }

    /** Takes bytes that were stored in a fitted model. */
    static ModelContent of(String name, byte[] bytes) {
        return new ModelContent(name, bytes, null);
    }

    static ModelContent read(Path path) {
        // Refuses what is missing, too large or no model, with the reader's own sentences.
        Graph graph = ModelReader.read(path);
        try {
            byte[] bytes = Files.readAllBytes(path);
            return new ModelContent(path.toString(), isSelfContained(bytes, path) ? bytes : ModelWriter.toBytes(graph), graph);
        } catch (IOException e) {
            throw new InvalidModelException("model file '" + path + "' cannot be read: " + e.getMessage(), e);
        }
    }

    /** The file is known to be readable with its folder at hand. */
    private static boolean isSelfContained(byte[] bytes, Path path) {
        try {
            ModelReader.read(bytes, path.toString(), null);
            return true;
        } catch (InvalidModelException e) {
            return false;
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    byte[] bytes() {
        return bytes;
    }

    String sha256() {
        return sha256;
    }

    Graph graph() {
        return parsed != null ? parsed : ModelReader.read(bytes, name, null);
    }
}
