package org.finitentk.stored;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.tribuo.provenance.ModelProvenance;

/** The stored models of the resources' folder 'stored', a folder a version that wrote them. */
public final class StoredModels {
    private StoredModels() {}

    /**
     * The folders of all versions.
     *
     * @return absolute paths that end in the version
     */
    public static List<Path> versions() {
        URL url = Objects.requireNonNull(StoredModels.class.getResource("/stored"), "the resources' folder 'stored'");
        try (Stream<Path> files = Files.list(Path.of(url.toURI()))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The models of a version.
     *
     * @param version a folder
     * @return their zips in the order of their names
     */
    public static List<Path> models(Path version) {
        try (Stream<Path> files = Files.list(version)) {
            return files.filter(file -> file.toString().endsWith(".zip"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A model's file.
     *
     * @param model its zip
     * @param name model.pb, model.ser, provenance.json or predictions.csv
     * @param folder where to unpack it
     * @return the unpacked file
     */
    public static Path unpack(Path model, String name, Path folder) {
        Path unpacked = folder.resolve(model.getFileName().toString().replace(".zip", "-") + name);
        try (FileSystem zip = FileSystems.newFileSystem(model)) {
            Files.deleteIfExists(unpacked);
            Files.copy(zip.getPath(name), unpacked);
            return unpacked;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Where a version's data and networks lay when its models were trained: our own forms record paths that are
     * relative to the folder in which they are read (0.1.0 did not), Java's and Tribuo's absolute ones.
     *
     * @param version the version's folder
     * @return paths that exist nowhere
     */
    public static List<Path> recorded(Path version) {
        String name = version.getFileName().toString();
        return List.of(Path.of("stored", name).toAbsolutePath(), Path.of("/stored", name));
    }

    /**
     * A provenance as text, with the version's folder as the root of its paths, whichever they are in its form.
     *
     * @param version the version's folder
     * @param provenance of one of its models
     * @return every value of it
     */
    public static String text(Path version, ModelProvenance provenance) {
        String text = provenance.toString();
        for (Path folder : recorded(version)) {
            text = text.replace(folder.toString(), "");
        }
        return text;
    }
}
