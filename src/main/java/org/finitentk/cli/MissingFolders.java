package org.finitentk.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Folders that outputs name and that do not exist yet. Writing makes them, and a person who has mistyped a folder's
 * name learns it from the command's last lines.
 */
final class MissingFolders {
    private final Set<Path> missing = new LinkedHashSet<>();

    /** Notes the folders above a file that is not written yet. */
    MissingFolders above(Path file) {
        Path parent = file.getParent();
        return parent == null ? this : with(parent);
    }

    /** Notes a folder that is not made yet, and those above. */
    MissingFolders with(Path folder) {
        if (!Files.exists(folder)) {
            above(folder);
            missing.add(folder);
        }
        return this;
    }

    /** Says which of the folders exist now. */
    void report(PrintWriter out) {
        String made = missing.stream()
                .filter(Files::isDirectory)
                .map(folder -> "'" + folder + "'")
                .collect(Collectors.joining(", "));
        if (!made.isEmpty()) {
            out.println("made the folder " + made);
        }
    }
}
