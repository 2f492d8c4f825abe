package org.finitentk.internal.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import org.finitentk.onnx.InvalidModelException;
import org.jspecify.annotations.Nullable;

/**
 * Weights that lie in files beside a model. Their bytes are copied into memory when the model is read: a mapped file
 * would show whatever is written into it later, and would kill the process if it became shorter. Graphs that refer to
 * the same bytes share one copy.
 */
public final class ExternalWeights {
    private static final String CHANGED =
            "changed while the model was read, so its weights may be mixed; read it again when it is whole";

    private final ModelFolder folder;
    private final Map<Part, ByteBuffer> copies = new HashMap<>();
    private final Map<Path, State> states = new HashMap<>();

    private record Part(Path file, long offset, long length) {}

    /** What changes when a file is replaced, overwritten or cut. */
    private record State(
            long size, FileTime modified, @Nullable Object key) {
        static State of(Path file) throws IOException {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return new State(found.size(), found.lastModifiedTime(), found.fileKey());
        }
    }

    /**
     * Weights of the models in a folder.
     *
     * @param folder where they may lie
     */
    public ExternalWeights(Path folder) {
        this.folder = new ModelFolder(folder);
    }

    /**
     * Notes the state of a file before anything is concluded from its bytes, such as their hash.
     *
     * @param location relative to the folder
     * @return the file, behind all links
     * @throws InvalidModelException if the model may not refer to it; the message says of the file what is wrong
     */
    public Path file(String location) {
        Path file = folder.file(location);
        try {
            State state = states.get(file);
            if (state == null) {
                states.put(file, State.of(file));
            }
            return file;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /**
     * Copies bytes of a file, or gives the copy that was made before.
     *
     * @param location relative to the folder
     * @param offset of the first byte
     * @param length number of bytes, at most 2 GiB
     * @return the bytes, little endian
     * @throws InvalidModelException if they cannot be had; the message says of the file what is wrong
     */
    ByteBuffer read(String location, long offset, long length) {
        Path file = file(location);
        Part part = new Part(file, offset, length);
        ByteBuffer known = copies.get(part);
        if (known != null) {
            return known;
        }
        try (FileChannel channel = FileChannel.open(file)) {
            if (offset < 0 || offset > channel.size() - length) {
                throw new InvalidModelException("has " + channel.size() + " bytes");
            }
            ByteBuffer copy = ByteBuffer.allocateDirect(Math.toIntExact(length)).order(ByteOrder.LITTLE_ENDIAN);
            while (copy.hasRemaining()) {
                if (channel.read(copy, offset + copy.position()) < 0) {
                    throw changed();
                }
            }
            copies.put(part, copy.flip());
            return copy;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** How many copies there are. */
    int copies() {
        return copies.size();
    }

    /**
     * Makes sure that all bytes are of one state of their file.
     *
     * @throws InvalidModelException if a file has changed since it was first looked at
     */
    public void requireUnchanged() {
        states.forEach((file, before) -> {
            try {
                if (!State.of(file).equals(before)) {
                    throw new InvalidModelException("external file '" + file.getFileName() + "' " + CHANGED);
                }
            } catch (IOException e) {
                throw new InvalidModelException("external file '" + file.getFileName() + "' " + CHANGED, e);
            }
        });
    }

    private static InvalidModelException changed() {
        return new InvalidModelException("" + CHANGED);
    }

    private static InvalidModelException unreadable(IOException e) {
        return new InvalidModelException("cannot be read: " + e.getMessage(), e);
    }
}
