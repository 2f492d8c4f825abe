package org.finitentk.internal.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What writers leave that are killed, by processes that are killed. */
final class StagingTest {
    @TempDir
    private Path folder = Path.of("");

    /**
     * Writes for ever, in a JVM of its own: half of a new file or folder, or the moment between a folder's two moves.
     */
    static final class Victim {
        private Victim() {}

        @SuppressWarnings({"resource", "BusyWait"})
        public static void main(String[] args) throws Exception {
            Path target = Path.of(args[1]);
            if (args[0].equals("folders")) {
                MadeFolders.at(target.resolveSibling("new").resolve("networks"));
                MadeFolders.at(target.resolveSibling("used").resolve("provenance"));
                Files.writeString(target.resolveSibling("used").resolve("result"), "whole");
                target = target.resolveSibling("later").resolve("model");
                MadeFolders.at(target.resolveSibling(""));
            }
            Staging staging = Staging.beside(target);
            if (args[0].equals("file")) {
                Files.writeString(staging.path(), "half");
            } else {
                Files.writeString(Files.createDirectory(staging.path()).resolve("part"), "half");
            }
            if (args[0].equals("between")) {
                String name = staging.path().getFileName().toString();
                Files.move(target, target.resolveSibling(name.substring(0, name.length() - 4) + ".old"));
            }
            System.out.println("ready");
            while (true) {
                TimeUnit.SECONDS.sleep(1);
            }
        }
    }

    private Process victim(String how, Path target) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        place(Staging.class) + File.pathSeparator + place(Victim.class),
                        Victim.class.getName(),
                        how,
                        target.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertEquals("ready", process.inputReader().readLine());
        return process;
    }

    private static Path place(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theNextWriterDeletesWhatAKilledOneLeftAndNothingElse() throws Exception {
        Path target = folder.resolve("model.onnx");
        Process killed = victim("file", target);
        Process writing = victim("folder", target);
        Files.writeString(folder.resolve(".model.onnx.my-own.tmp"), "mine");
        assertEquals(5, names().size(), names().toString());
        killed.destroyForcibly().waitFor();
        AtomicFile.write(target, "whole".getBytes(StandardCharsets.UTF_8));
        assertEquals("whole", Files.readString(target));
        assertEquals(4, names().size(), "a writer that is alive keeps its folder and lock");
        writing.destroyForcibly().waitFor();
        AtomicFile.write(target, "again".getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of(".model.onnx.my-own.tmp", "model.onnx"), names());
        assertEquals("again", Files.readString(target));
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void whoeverIsEndedByASignalDeletesWhatItWrote() throws Exception {
        Path target = Files.writeString(folder.resolve("p.csv"), "old");
        for (String how : List.of("file", "folder")) {
            Process ended = victim(how, target);
            assertEquals(3, names().size(), names().toString());
            ended.destroy();
            assertEquals(143, ended.waitFor());
            assertEquals(List.of("p.csv"), names());
            assertEquals("old", Files.readString(target));
        }
    }

    /** Folders too, but none with a file in it, and none that was there before. */
    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void whoeverIsEndedByASignalLeavesNoEmptyFolders() throws Exception {
        Files.createDirectory(folder.resolve("mine"));
        Process ended = victim("folders", folder.resolve("any"));
        assertEquals(List.of("later", "mine", "new", "used"), names());
        ended.destroy();
        assertEquals(143, ended.waitFor());
        assertEquals(List.of("mine", "used"), names());
        assertEquals("whole", Files.readString(folder.resolve("used").resolve("result")));
        assertFalse(Files.exists(folder.resolve("used").resolve("provenance")));
    }

    @Test
    void aFolderThatCannotBeMadeLeavesNoneAboveIt() throws IOException {
        Files.writeString(folder.resolve("file"), "mine");
        IOException e = assertThrows(
                IOException.class, () -> MadeFolders.at(folder.resolve("file").resolve("below")));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("'" + folder.resolve("file") + "' is a file"), message);
        MadeFolders made = MadeFolders.at(folder.resolve("a").resolve("b"));
        assertTrue(Files.isDirectory(folder.resolve("a").resolve("b")));
        made.over();
        assertEquals(List.of("file"), names());
    }

    @Test
    void aFolderThatWasMovedAsideComesBack() throws Exception {
        Path target = Files.createDirectory(folder.resolve("bundle"));
        Files.writeString(target.resolve("part"), "old");
        victim("between", target).destroyForcibly().waitFor();
        assertFalse(Files.exists(target));
        try (Staging staging = Staging.beside(target)) {
            assertEquals("old", Files.readString(target.resolve("part")));
            Files.writeString(Files.createDirectory(staging.path()).resolve("part"), "new");
            staging.moveIntoPlace();
        }
        assertEquals("new", Files.readString(target.resolve("part")));
        assertEquals(List.of("bundle"), names());
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNamesNoTemporaryOne() throws IOException {
        Path target = Files.writeString(folder.resolve("k.npy"), "old");
        IOException e = assertThrows(
                IOException.class,
                () -> AtomicFile.write(target, temporary -> {
                    Files.writeString(temporary, "half");
                    throw new FileSystemException(temporary.toString(), null, "No space left on device");
                }));
        assertEquals("No space left on device", e.getMessage());
        assertEquals("old", Files.readString(target));
        assertEquals(List.of("k.npy"), names());
    }

    @Test
    void aFailedWriteLeavesNoFolderThatWasMadeForItAlone() throws IOException {
        Files.createDirectory(folder.resolve("old"));
        for (String file : List.of("new/deep/report.html", "old/deep/report.html", "new/report.html")) {
            assertThrows(
                    IOException.class,
                    () -> AtomicFile.write(folder.resolve(file), temporary -> {
                        throw new FileSystemException(temporary.toString(), null, "No space left on device");
                    }));
            assertEquals(List.of("old"), names());
        }
        AtomicFile.write(folder.resolve("new/kept"), new byte[1]);
        assertThrows(
                IOException.class,
                () -> AtomicFile.write(folder.resolve("new/deep/report.html"), temporary -> {
                    throw new FileSystemException(temporary.toString(), null, "No space left on device");
                }));
        assertTrue(Files.exists(folder.resolve("new/kept")) && Files.notExists(folder.resolve("new/deep")));
    }

    @Test
    void aFolderForNativeLibrariesIsNamedWithWhatIsWrong() throws IOException {
        Throwable failure = new UnsatisfiedLinkError("cannot open shared object file");
        Path file = Files.writeString(folder.resolve("file"), "");
        assertExplains(folder.resolve("nothing"), 1, failure, "does not exist");
        assertExplains(file, 1, failure, "is a file");
        assertExplains(folder, Long.MAX_VALUE, failure, "MiB free");
        assertExplains(folder, 1, new UnsatisfiedLinkError("x.so: failed to map segment from shared object"), "noexec");
        String sound =
                new NativeFolder(folder, "-Dx", 1).explain("The library", new ExceptionInInitializerError(failure));
        assertTrue(sound.contains("does not load on") && sound.contains("cannot open shared object file"), sound);
    }

    private static void assertExplains(Path path, long bytes, Throwable failure, String wrong) {
        String sentence = new NativeFolder(path, "-Djava.io.tmpdir", bytes).explain("The library", failure);
        assertTrue(
                sentence.contains("'" + path + "'")
                        && sentence.contains(wrong)
                        && sentence.contains("-Djava.io.tmpdir=FOLDER"),
                sentence);
    }
}
