package org.finitentk.backbone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.finitentk.onnx.InvalidModelException;

/**
 * A model as one self-contained array of bytes, which is what fitted models store, and its hash, by which open networks are shared. A file that needs no other file is
 * taken as it is, so its hash is what {@code sha256sum} prints; one with external data is rewritten with the data inside, so that its hash covers the data.
 */
final class ModelContent {
    private final byte[] bytes;
    private final String sha256;

    private ModelContent(byte[] bytes) {
        this.bytes = bytes;
        this.sha256 = sha256(bytes);
    }

    static ModelContent read(Path path) {
        byte[] bytes = readBytes(path);
        return new ModelContent(bytes);
    }

    private static byte[] readBytes(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw new InvalidModelException("backbone " + path + " does not exist; expected an ONNX file", e);
        } catch (IOException | OutOfMemoryError e) {
            throw new InvalidModelException("backbone " + path + " cannot be read: " + e, e);
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
}
