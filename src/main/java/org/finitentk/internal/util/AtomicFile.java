package org.finitentk.internal.util;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes files so that no reader ever sees half of one, and a write that fails leaves the old one, and no new folder.
 */
public final class AtomicFile {
    /** What is written. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes the content.
         *
         * @param file a path where no file is yet
         * @throws IOException if it cannot be written
         */
        void writeTo(Path file) throws IOException;
    }

    private AtomicFile() {}

    /**
     * Writes under a temporary name in the same folder, which is made if missing, and moves that into place.
     *
     * @param file where to; replaced if it exists
     * @param content what to write
     * @throws IOException if it cannot be written
     */
    public static void write(Path file, Content content) throws IOException {
        Path target = file.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null || Files.isDirectory(target)) {
            throw new IOException("'" + file + "' is a folder; the name of a file to write is needed");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new IOException("'" + file
                    + "' is a device or pipe, which would be replaced; the name of a file to write is needed");
        }
        MadeFolders made = MadeFolders.at(folder);
        try (Staging staging = Staging.beside(target)) {
            content.writeTo(staging.path());
            staging.moveIntoPlace();
        } catch (NoSuchFileException | AccessDeniedException e) {
            // such exceptions say no more than a name, and that is the temporary one
            throw new IOException("nothing can be written to the folder '" + folder + "'", e);
        } catch (FileSystemException e) {
            throw new IOException(Staging.reason(e), e);
        } finally {
            made.over();
        }
    }

    /**
     * Writes bytes.
     *
     * @param file where to; replaced if it exists
     * @param content the bytes
     * @throws IOException if they cannot be written
     */
    public static void write(Path file, byte[] content) throws IOException {
        write(
                file,
                temporary -> Files.write(temporary, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }
}
