package org.finitentk.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * The arrays that a command will write: checked against each other, its inputs and the file system before anything is
 * computed, and then all of them written, or none.
 */
final class OutputFiles {
    private final CommandSpec command;
    private final Map<String, Path> inputs = new LinkedHashMap<>();
    private final Map<String, Path> outputs = new LinkedHashMap<>();
    private final Map<Path, Tensor> arrays = new LinkedHashMap<>();
    private final MissingFolders folders = new MissingFolders();

    OutputFiles(CommandSpec command) {
        this.command = command;
    }

    /** Names a file that is read. */
    OutputFiles reads(String option, @Nullable Path file) {
        if (file != null) {
            inputs.put(option, file);
        }
        return this;
    }

    /** Names the files in the value of an option for examples, X.npy or NAME=X.npy,NAME2=Z.npy. */
    OutputFiles reads(String option, @Nullable String value) {
        for (String part : value == null ? new String[0] : value.split(",")) {
            inputs.put(option + " " + part, Path.of(part.substring(part.indexOf('=') + 1)));
        }
        return this;
    }

    /**
     * Names a file that will be written.
     *
     * @throws ParameterException if it is one of those named before
     * @throws IllegalArgumentException if it cannot be written
     */
    OutputFiles writes(String option, @Nullable Path file) {
        if (file == null) {
            return this;
        }
        outputs.forEach((other, path) -> requireDifferent(option, file, other, path, "writes"));
        inputs.forEach((other, path) -> requireDifferent(option, file, other, path, "reads"));
        requireWritable(option, file);
        outputs.put(option, file);
        folders.above(file);
        return this;
    }

    private void requireDifferent(String option, Path file, String other, Path path, String what) {
        if (place(file).equals(place(path))) {
            throw new ParameterException(
                    command.commandLine(),
                    option + " is '" + file + "', which " + other + " " + what + "; expected another file");
        }
    }

    /** Where links lead, as far as the file exists. */
    private static Path place(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            return file.toAbsolutePath().normalize();
        }
    }

    private static void requireWritable(String option, Path file) {
        Path folder = file.toAbsolutePath().getParent();
        while (folder != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException(
                    option + " is '" + file + "', a folder; expected the name of a file to write");
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IllegalArgumentException(option + " is '" + file
                    + "', a device or pipe, which would be replaced; expected the name of a file to write");
        }
        if (folder == null || !Files.isDirectory(folder) || !takesFiles(folder)) {
            throw new IllegalArgumentException(option + " is '" + file + "', but '" + folder
                    + "' is no folder that can be written to; expected one");
        }
    }

    /** By trying: root may write everywhere, as permissions go, but not into every file system. */
    private static boolean takesFiles(Path folder) {
        try {
            Files.delete(Files.createTempFile(folder, ".", ".tmp"));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Takes what goes into a file that was named. */
    void put(Path file, Tensor array) {
        arrays.put(file, array);
    }

    /** Writes everything and says so; what was written before a failure is deleted. */
    void write() {
        writeAll();
        PrintWriter print = command.commandLine().getOut();
        folders.report(print);
        arrays.forEach((file, array) ->
                print.println("wrote '" + file + "', an array of shape " + Arrays.toString(array.shape())));
        print.flush();
    }

    private void writeAll() {
        List<Path> written = new ArrayList<>();
        try {
            arrays.forEach((file, array) -> {
                NpyFile.write(file, array);
                written.add(file);
            });
        } catch (UncheckedIOException e) {
            for (Path file : written) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException suppressed) {
                    e.addSuppressed(suppressed);
                }
            }
            throw e;
        }
    }
}
