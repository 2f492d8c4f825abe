package org.finitentk.internal.util;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Folders that were made for files which are not written yet. Those that are still empty are taken away when the
 * writing is over, and when the JVM ends: whoever is refused or interrupted leaves no empty folders.
 */
public final class MadeFolders {
    /** The deepest first. */
    private final List<Path> made;

    private final Unfinished unfinished;

    private MadeFolders(List<Path> made) {
        this.made = made;
        this.unfinished = Unfinished.unless(this::removeIfEmpty);
    }

    /**
     * Makes a folder, and those above it that are missing.
     *
     * @param folder a path, relative or absolute; it may exist
     * @return what was made, where files may be written until it is said that this is over, or until the JVM ends
     * @throws IOException if it cannot be made, in one sentence
     */
    public static MadeFolders at(Path folder) throws IOException {
        Path absolute = folder.toAbsolutePath();
        MadeFolders folders = new MadeFolders(missing(absolute));
        try {
            Files.createDirectories(absolute);
            return folders;
        } catch (IOException e) {
            folders.over();
            throw refusal(absolute, e);
        }
    }

    private static IOException refusal(Path folder, IOException e) {
        for (Path each = folder; each != null; each = each.getParent()) {
            if (Files.exists(each) && !Files.isDirectory(each)) {
                return new IOException("'" + each + "' is a file where a folder is needed", e);
            }
        }
        return e instanceof FileSystemException named
                ? new IOException("the folder '" + folder + "' cannot be made: " + Staging.reason(named), e)
                : e;
    }

    private static List<Path> missing(Path folder) {
        List<Path> missing = new ArrayList<>();
        for (Path each = folder; each != null && Files.notExists(each); each = each.getParent()) {
            missing.add(each);
        }
        return missing;
    }

    private void removeIfEmpty() {
        for (Path folder : made) {
            try {
                Files.deleteIfExists(folder);
            } catch (IOException e) {
                return; // a file is in it
            }
        }
    }

    /** Nothing more is written: takes away what is empty. */
    public void over() {
        unfinished.close();
        removeIfEmpty();
    }
}
