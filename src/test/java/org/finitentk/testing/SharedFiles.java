package org.finitentk.testing;

import java.nio.file.Path;

/**
 * Fixtures, data and networks that are not in the repository, in the folder that the system property {@code shared}
 * names, by default {@code ../shared}. Tests that want one of them are skipped where it is not there.
 */
public final class SharedFiles {
    private static final Path FOLDER = Path.of(System.getProperty("shared", "../shared"));

    private SharedFiles() {}

    /** A file or folder in it, which may not exist. */
    public static Path of(String first, String... more) {
        return FOLDER.resolve(Path.of(first, more));
    }
}
