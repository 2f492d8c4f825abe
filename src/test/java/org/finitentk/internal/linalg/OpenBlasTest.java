package org.finitentk.internal.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.finitentk.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that is ended while matrices are multiplied ends, and leaves no report of a crash. */
final class OpenBlasTest {
    @TempDir
    private Path folder = Path.of("");

    /** Multiplies for ever, in a JVM of its own. */
    static final class Victim {
        private static final int N = 2500;

        private Victim() {}

        @SuppressWarnings("InfiniteLoopStatement")
        public static void main(String[] args) {
            double[] a = new double[N * N];
            double[] c = new double[N * N];
            Blas.gemm(ArrayMatrix.of(a, 1, 1), ArrayMatrix.of(a, 1, 1), 0, ArrayMatrix.of(c, 1, 1));
            System.out.println("ready");
            while (true) {
                Blas.gemm(ArrayMatrix.of(a, N, N), ArrayMatrix.of(a, N, N), 0, ArrayMatrix.of(c, N, N));
            }
        }
    }

    @Test
    void theEndWaitsForCallsUnderWay() throws IOException, InterruptedException {
        Process victim = new ProcessBuilder(ChildJvm.command(
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Victim.class.getName()))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        assertEquals("ready", victim.inputReader().readLine());
        TimeUnit.MILLISECONDS.sleep(300);
        victim.destroy();
        boolean ended = victim.waitFor(60, TimeUnit.SECONDS);
        victim.destroyForcibly();
        assertTrue(ended, "it goes on");
        assertEquals(143, victim.exitValue(), "of a program that was asked to end");
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(), files.toList());
        }
    }
}
