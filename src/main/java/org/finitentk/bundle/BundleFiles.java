package org.finitentk.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.finitentk.internal.network.Product;
import org.finitentk.internal.onnx.ModelFolder;
import org.finitentk.internal.util.AtomicFile;
import org.finitentk.internal.util.MadeFolders;
import org.finitentk.internal.util.Staging;
import org.finitentk.internal.util.Unfinished;
import org.finitentk.onnx.InvalidModelException;

/** A bundle as a folder or zip file: unpacked under limits for reading, put in place at once when written. */
final class BundleFiles {
    private static final long MAX_MANIFEST = 64L << 20;
    /**
     * Weights hardly compress and graphs ten times or so; what unpacks to far more than that was made to fill the disk.
     * Small zips are let through.
     */
    private static final long MAX_RATIO = 100;

    private static final long ALWAYS_ALLOWED = 256L << 20;
    /** Zip entries carry a time; a fixed one makes equal bundles equal files. */
    private static final LocalDateTime ENTRY_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private BundleFiles() {}

    /** Whether the path is written or read as one zip file. */
    static boolean isZip(Path path) {
        return !Files.isDirectory(path) && (path.toString().endsWith(".zip") || startsLikeZip(path));
    }

    private static boolean startsLikeZip(Path path) {
        if (!Files.isRegularFile(path)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(path)) {
            byte[] start = in.readNBytes(4);
            return start.length == 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Gives the bundle's folder, unpacked to a temporary one if it is a zip, to the reader.
     *
     * @throws InvalidModelException if there is no such bundle or the zip is damaged
     */
    static <T> T read(Path path, Function<Path, T> reader) {
        if (Files.isDirectory(path)) {
            return reader.apply(path);
        }
        if (!Files.isRegularFile(path)) {
            throw new InvalidModelException(
                    "bundle '" + path + "' does not exist; expected a folder or zip file with " + BundleManifest.FILE);
        }
        try {
            Path folder = Files.createTempDirectory("finite-ntk-bundle");
            Unfinished reading = Unfinished.temporary(folder);
            try {
                unpack(path, folder);
                return reader.apply(folder);
            } finally {
                Staging.deleteTree(folder);
                reading.close();
            }
        } catch (IOException e) {
            throw new InvalidModelException("bundle '" + path + "' cannot be read: " + e.getMessage(), e);
        }
    }

    /** Unpacks the manifest and the files that it lists, nothing else. */
    private static void unpack(Path path, Path folder) throws IOException {
        try (ZipFile zip = new ZipFile(path.toFile())) {
            refuseForeignPlaces(zip, path);
            unpack(zip, path, BundleManifest.FILE, folder, MAX_MANIFEST);
            Collection<String> files = ManifestJson.read(Files.readAllBytes(folder.resolve(BundleManifest.FILE)))
                    .files()
                    .keySet();
            long left = Math.min(
                    Math.max(ALWAYS_ALLOWED, MAX_RATIO * Files.size(path)),
                    folder.toFile().getUsableSpace());
            for (String file : files) {
                left -= unpack(zip, path, file, folder, left);
            }
        }
    }

    /**
     * Nothing is unpacked by the name that an entry gives, but a zip that tries to leave its folder is no bundle to be
     * trusted.
     */
    private static void refuseForeignPlaces(ZipFile zip, Path path) {
        zip.stream()
                .map(ZipEntry::getName)
                .filter(name ->
                        name.startsWith("/") || name.contains("..") || name.contains("\\") || name.contains(":"))
                .findFirst()
                .ifPresent(name -> {
                    throw new InvalidModelException("bundle '" + path + "' has the zip entry '" + name
                            + "', which leads out of the bundle; expected plain file names");
                });
    }

    /** Gives the number of bytes. */
    private static long unpack(ZipFile zip, Path path, String name, Path folder, long limit) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new InvalidModelException("bundle '" + path + "' has no file " + name);
        }
        long size = 0;
        byte[] block = new byte[1 << 16];
        try (InputStream in = zip.getInputStream(entry);
                OutputStream out = Files.newOutputStream(folder.resolve(name))) {
            for (int count = in.read(block); count >= 0; count = in.read(block)) {
                size += count;
                if (size > limit) {
                    throw new InvalidModelException(
                            "bundle '" + path + "' has a file " + name + " that unpacks to more than " + limit
                                    + " bytes, the limit for this zip on this disk, so it is no bundle or "
                                    + "the disk is full");
                }
                out.write(block, 0, count);
            }
        }
        return size;
    }

    /** A small file of the bundle's folder. */
    static byte[] manifest(Path folder) {
        Path file = inside(folder, BundleManifest.FILE);
        try {
            if (Files.size(file) > MAX_MANIFEST) {
                throw new InvalidModelException(BundleManifest.FILE + " has " + Files.size(file) + " bytes; at most "
                        + MAX_MANIFEST + " are read");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InvalidModelException(BundleManifest.FILE + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * A file of the bundle's folder.
     *
     * @throws InvalidModelException if it is missing or a link to somewhere outside
     */
    static Path inside(Path folder, String name) {
        if (!Files.exists(folder.resolve(name))) {
            throw new InvalidModelException("it has no file " + name);
        }
        try {
            return new ModelFolder(folder).file(name);
        } catch (InvalidModelException e) {
            throw new InvalidModelException("file " + name + " " + e.getMessage(), e);
        }
    }

    /**
     * Lets the writer fill a new folder, then puts that, or a zip of it, in the target's place at once.
     *
     * @throws IllegalArgumentException if the target exists and is no bundle
     * @throws UncheckedIOException if it cannot be written
     */
    static void write(Path target, AtomicFile.Content writer) {
        Path place = target.toAbsolutePath();
        refuseToOverwrite(place);
        try {
            MadeFolders made = MadeFolders.at(parent(place));
            try (Staging staging = Staging.beside(place)) {
                Path folder = Files.createDirectory(staging.path());
                writer.writeTo(folder);
                if (isZip(place)) {
                    Path zip = folder.resolve("bundle.zip");
                    pack(folder, zip);
                    staging.moveIntoPlace(zip);
                } else {
                    staging.moveIntoPlace();
                }
            } finally {
                made.over();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("bundle '" + target + "' cannot be written: " + Staging.reason(e), e);
        }
    }

    private static Path parent(Path absolute) {
        Path parent = absolute.getParent();
        return parent == null ? absolute : parent;
    }

    private static void refuseToOverwrite(Path place) {
        if (Files.isDirectory(place)
                ? !isEmpty(place) && !holdsOnlyABundle(place)
                : Files.exists(place) && !isZippedBundle(place)) {
            throw new IllegalArgumentException("'" + place
                    + "' exists and is no bundle, or has other files in it too; a bundle is written to a new "
                    + "folder or .zip file, an empty folder, "
                    + "or over a bundle");
        }
    }

    /** Writing over a bundle removes it; files that are not the bundle's must not go with it. */
    private static boolean holdsOnlyABundle(Path folder) {
        Set<String> own = new HashSet<>(List.of(BundleManifest.FILE, LinearizationBundle.PARAMETERS));
        for (Product product : Product.values()) {
            own.add(BundleManifest.fileOf(product));
        }
        try (Stream<Path> files = Files.list(folder)) {
            own.addAll(ManifestJson.read(manifest(folder)).files().keySet());
            return files.allMatch(file -> own.contains(file.getFileName().toString()) && !Files.isDirectory(file));
        } catch (IOException | InvalidModelException e) {
            return false;
        }
    }

    private static boolean isZippedBundle(Path file) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return zip.getEntry(BundleManifest.FILE) != null;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isEmpty(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    private static void pack(Path folder, Path zip) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> !file.equals(zip)).sorted().toList();
        }
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (Path file : files) {
                ZipEntry entry = new ZipEntry(file.getFileName().toString());
                entry.setTimeLocal(ENTRY_TIME);
                out.putNextEntry(entry);
                Files.copy(file, out);
                out.closeEntry();
            }
        }
    }
}
