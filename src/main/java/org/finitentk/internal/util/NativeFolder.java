package org.finitentk.internal.util;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder into which a native library is unpacked before it is loaded. A folder that cannot take the library is the
 * commonest reason why the library does not load, and the errors of the loaders do not name the folder.
 *
 * @param path the folder
 * @param option the JVM option that names another folder, such as {@code -Djava.io.tmpdir}
 * @param bytes the size of the libraries that are unpacked there
 */
public record NativeFolder(Path path, String option, long bytes) {
    /**
     * Says why a library did not load.
     *
     * @param library what is named in the sentence, such as "ONNX Runtime's native library"
     * @param failure what the loader threw
     * @return one sentence: the folder and what is wrong with it, or the loader's own words where the folder is sound
     */
    public String explain(String library, Throwable failure) {
        String wrong = wrong(deepestMessage(failure));
        if (!wrong.isEmpty()) {
            return library + " cannot be unpacked into the folder '" + path + "', which " + wrong
                    + "; mend that, or name another folder by the JVM option " + option + "=FOLDER";
        }
        return library + " does not load on " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
                + " (" + deepestMessage(failure) + "); README.md lists the supported platforms";
    }

    private String wrong(String message) {
        if (!Files.exists(path)) {
            return "does not exist";
        }
        if (!Files.isDirectory(path)) {
            return "is a file";
        }
        try {
            Files.delete(Files.createTempFile(path, ".", ".tmp"));
            long free = path.toFile().getUsableSpace();
            if (free < bytes) {
                return "has " + (free >> 20) + " MiB free where " + (bytes >> 20) + " are needed";
            }
        } catch (IOException e) {
            return "cannot be written to";
        }
        boolean forbidden = message.contains("failed to map segment") || message.contains("Operation not permitted");
        return forbidden ? "is mounted without permission to run programs (noexec)" : "";
    }

    private static String deepestMessage(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message.replace('\n', ' ');
    }
}
