package org.finitentk.internal.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.finitentk.onnx.InvalidModelException;

/**
 * The folder of a model, and which files belong to the model. A model is data from elsewhere: it may not name files
 * outside of its own folder, by whatever way, and nothing but regular files is opened, since a pipe would wait for
 * ever.
 *
 * <p>One layout has files elsewhere: in the cache of the Hugging Face hub, {@code snapshots/REVISION/} holds links to
 * {@code blobs/}. Where the nearest folder above the model that has both is such a cache, links into its {@code blobs}
 * are files of the model.
 *
 * @param path the folder as the user named it
 */
public record ModelFolder(Path path) {
    private static final String SNAPSHOTS = "snapshots";
    private static final String BLOBS = "blobs";

    /**
     * Finds a file of the model.
     *
     * @param location a relative path, as the model gives it
     * @return the file itself, behind all links
     * @throws InvalidModelException if there is no such file inside the folder; the message says of the file what is
     *     wrong, such as "does not exist"
     */
    public Path file(String location) {
        try {
            Path root = path.toRealPath();
            Path named = root.resolve(location).normalize();
            boolean inside = !location.isEmpty() && !Path.of(location).isAbsolute() && named.startsWith(root);
            if (!inside || !Files.exists(named)) {
                throw new InvalidModelException("does not exist inside the model's folder");
            }
            Path file = named.toRealPath();
            if (!file.startsWith(root) && !isBlob(file, root)) {
                throw new InvalidModelException(
                        "is a link to a place outside of the model's folder; expected a file inside the "
                                + "model's folder");
            }
            if (!Files.isRegularFile(file)) {
                throw new InvalidModelException("is a folder, device or pipe; expected a file");
            }
            return file;
        } catch (IOException | InvalidPathException e) {
            throw new InvalidModelException("cannot be resolved: " + e.getMessage(), e);
        }
    }

    /** Links that lead out of the cache, and caches that are links themselves, are not taken. */
    private static boolean isBlob(Path file, Path root) {
        for (Path above = root.getParent(); above != null; above = above.getParent()) {
            if (isFolder(above.resolve(SNAPSHOTS)) && isFolder(above.resolve(BLOBS))) {
                return root.startsWith(above.resolve(SNAPSHOTS)) && file.startsWith(above.resolve(BLOBS));
            }
        }
        return false;
    }

    private static boolean isFolder(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }
}
