package org.finitentk.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM of its own for a test that reads what it prints. */
public final class ChildJvm {
    /** The first JDK that warns of native libraries and of memory that is reached by sun.misc.Unsafe. */
    private static final int WARNS = 24;

    private ChildJvm() {}

    /**
     * A command that starts the JVM of this test, without the warnings that newer ones print of libraries.
     *
     * @param words options, the class and its arguments
     * @return the whole command
     */
    public static List<String> command(String... words) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= WARNS) {
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        command.addAll(List.of(words));
        return command;
    }
}
