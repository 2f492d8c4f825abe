package org.finitentk.provenance;

import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.FileProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.URLProvenance;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where recorded files lie now: at their recorded paths, which are relative to the folder in which this process runs
 * where they are relative, unless they or folders above them are known to have moved. Of a file that is not there, one
 * is taken that a folder above the model has under the same relative path, as where the command runs in another folder,
 * or that lies beside the model under the end of its path, as in a copy of the whole folder; hashes tell whether it is
 * the same.
 */
final class FileLocations {
    static final FileLocations AS_RECORDED = new FileLocations(Map.of(), null);

    private final Map<Path, Path> moved;
    private final @Nullable Path beside;

    private FileLocations(Map<Path, Path> moved, @Nullable Path beside) {
        this.moved = moved;
        this.beside = beside;
    }

    /** As recorded, or else in a model's folder. */
    static FileLocations beside(Path model) {
        return new FileLocations(Map.of(), model.toAbsolutePath().normalize().getParent());
    }

    /** These locations and one more; what was named first is tried first. */
    FileLocations with(Path recorded, Path now) {
        Map<Path, Path> more = new LinkedHashMap<>(moved);
        more.put(recorded.toAbsolutePath().normalize(), now.toAbsolutePath().normalize());
        return new FileLocations(more, beside);
    }

    /** The place of a recorded file or local URL, or null for a value of another kind. */
    @Nullable
    URL now(Provenance recorded) {
        if (recorded instanceof FileProvenance file) {
            return url(now(file.getValue().toPath()));
        }
        if (recorded instanceof URLProvenance url) {
            return url.getValue().getProtocol().equals("file")
                    ? url(now(file(url.getValue()).toPath()))
                    : url.getValue();
        }
        return null;
    }

    /** The value that a property of a configured object has now: a path or a URL, whichever was recorded. */
    @Nullable
    String property(Provenance recorded) {
        URL now = now(recorded);
        if (now == null || !now.getProtocol().equals("file")) {
            return null;
        }
        return recorded instanceof FileProvenance ? file(now).getPath() : now.toString();
    }

    private Path now(Path recorded) {
        Path path = recorded.toAbsolutePath().normalize();
        for (Map.Entry<Path, Path> entry : moved.entrySet()) {
            if (path.startsWith(entry.getKey())) {
                // Not resolve(""), which would give a file's path a slash at its end.
                return path.equals(entry.getKey())
                        ? entry.getValue()
                        : entry.getValue().resolve(entry.getKey().relativize(path));
            }
        }
        return Files.exists(path) ? recorded : copied(path, recorded);
    }

    /** What the model's folder, or one above, has under the path that was relative to the folder of the command. */
    private @Nullable Path aboveModel(Path missing) {
        Path here = Path.of("").toAbsolutePath();
        if (!Objects.equals(missing.getRoot(), here.getRoot())) {
            return null;
        }
        Path relative = here.relativize(missing);
        for (Path folder = beside; folder != null; folder = folder.getParent()) {
            Path candidate = folder.resolve(relative).normalize();
            if (Files.isRegularFile(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    /** What lies beside the model under the longest end of a path; the recorded path if nothing does. */
    private Path copied(Path missing, Path recorded) {
        Path above = aboveModel(missing);
        if (above != null) {
            return above;
        }
        for (int from = 0; beside != null && from < missing.getNameCount(); from++) {
            Path candidate = beside.resolve(missing.subpath(from, missing.getNameCount()));
            if (Files.isRegularFile(candidate)) {
                return candidate;
            }
        }
        return recorded;
    }

    static File file(URL url) {
        try {
            URI uri = url.toURI();
            // file:data/table.csv, relative to the folder in which this process runs.
            return uri.isOpaque()
                    ? new File(new URI(uri.getRawSchemeSpecificPart()).getPath()).getAbsoluteFile()
                    : new File(uri);
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new NotReproducibleException("the provenance names " + url + ", which is no local file", e);
        }
    }

    private static URL url(Path path) {
        try {
            return path.toFile().toURI().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException("file URLs are always known", e);
        }
    }
}
