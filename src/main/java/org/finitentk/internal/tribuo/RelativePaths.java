package org.finitentk.internal.tribuo;

import com.oracle.labs.mlrg.olcut.provenance.io.FlatMarshalledProvenance;
import com.oracle.labs.mlrg.olcut.provenance.io.ListMarshalledProvenance;
import com.oracle.labs.mlrg.olcut.provenance.io.MapMarshalledProvenance;
import com.oracle.labs.mlrg.olcut.provenance.io.ObjectMarshalledProvenance;
import com.oracle.labs.mlrg.olcut.provenance.io.SimpleMarshalledProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.FileProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.URLProvenance;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Paths of a provenance as they are written: relative to the folder in which this process runs, with {@code /} between
 * names. OLCUT makes every path absolute as soon as it has one, also when it reads, so that a file that was written in
 * a folder is read there, or in a copy of the folder, without a word of where things are now; and a published
 * provenance or model does not tell the names of its author's folders.
 */
public final class RelativePaths {
    private final Path here;

    private RelativePaths(Path here) {
        this.here = here;
    }

    /**
     * The same objects with other paths; what is on another drive keeps its own.
     *
     * @param objects a provenance as OLCUT writes it
     * @return a new list
     */
    public static List<ObjectMarshalledProvenance> of(List<ObjectMarshalledProvenance> objects) {
        RelativePaths paths = new RelativePaths(Path.of("").toAbsolutePath());
        return objects.stream().map(paths::object).toList();
    }

    private ObjectMarshalledProvenance object(ObjectMarshalledProvenance object) {
        Map<String, FlatMarshalledProvenance> values = new LinkedHashMap<>();
        object.getMap().forEach((key, value) -> values.put(key, relative(value)));
        return new ObjectMarshalledProvenance(
                object.getName(), values, object.getObjectClassName(), object.getProvenanceClassName());
    }

    private FlatMarshalledProvenance relative(FlatMarshalledProvenance value) {
        if (value instanceof ListMarshalledProvenance list) {
            return new ListMarshalledProvenance(
                    list.getList().stream().map(this::relative).toList());
        }
        if (value instanceof MapMarshalledProvenance map) {
            Map<String, FlatMarshalledProvenance> values = new LinkedHashMap<>();
            map.forEach(entry -> values.put(entry.getA(), relative(entry.getB())));
            return new MapMarshalledProvenance(values);
        }
        if (value instanceof SimpleMarshalledProvenance simple && !simple.isReference()) {
            String now = text(simple);
            return now.equals(simple.getValue())
                    ? simple
                    : new SimpleMarshalledProvenance(
                            simple.getKey(),
                            now,
                            simple.getProvenanceClassName(),
                            false,
                            Objects.requireNonNullElse(simple.getAdditional(), ""));
        }
        return value;
    }

    private String text(SimpleMarshalledProvenance value) {
        String type = value.getProvenanceClassName();
        if (type.equals(FileProvenance.class.getName())) {
            return path(Path.of(value.getValue()), value.getValue());
        }
        return type.equals(URLProvenance.class.getName()) ? url(value.getValue()) : value.getValue();
    }

    private String path(Path path, String otherwise) {
        if (!path.isAbsolute() || !Objects.equals(path.getRoot(), here.getRoot())) {
            return otherwise;
        }
        String relative = here.relativize(path.normalize())
                .toString()
                .replace(path.getFileSystem().getSeparator(), "/");
        return relative.isEmpty() ? "." : relative;
    }

    /** Java opens {@code file:data/table.csv} in the folder in which it runs, too. */
    private String url(String recorded) {
        try {
            URL url = new URL(recorded);
            if (!url.getProtocol().equals("file") || !url.getPath().startsWith("/")) {
                return recorded;
            }
            String relative = path(new File(url.toURI()).toPath(), "");
            return relative.isEmpty() ? recorded : "file:" + new URI(null, null, relative, null).getRawPath();
        } catch (MalformedURLException | URISyntaxException | IllegalArgumentException e) {
            return recorded;
        }
    }
}
