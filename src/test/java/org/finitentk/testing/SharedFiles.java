package org.finitentk.testing;

import java.nio.file.Files;
import java.nio.file.Path;

/** The folder {@code ../shared} beside the repository, which tests use if it is there; from a worktree it is two folders up. */
public final class SharedFiles {
    private SharedFiles() {
    }

    /** A file or folder in it, which may not exist. */
    public static Path of(String first, String... more) {
        Path beside = Path.of("..", "shared");
        return (Files.isDirectory(beside) ? beside : Path.of("..", "..", "shared")).resolve(Path.of(first, more));
    }
}
