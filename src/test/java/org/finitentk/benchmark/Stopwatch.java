package org.finitentk.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Times work, and looks at the process's memory. */
final class Stopwatch {
    private static final long WARM_UP_NANOSECONDS = 1_000_000_000L;

    private Stopwatch() {
    }

    /** Median seconds, after a second of runs that are not counted: the first opens sessions, the JVM's compiler needs some more. */
    static double median(int repeats, Runnable work) {
        long warm = System.nanoTime();
        do {
            work.run();
        } while (System.nanoTime() - warm < WARM_UP_NANOSECONDS);
        double[] seconds = new double[repeats];
        for (int i = 0; i < repeats; i++) {
            long start = System.nanoTime();
            work.run();
            seconds[i] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(seconds);
        return seconds[repeats / 2];
    }

    /** The largest resident set of this process so far, as Linux counts it, in MiB; NaN elsewhere. */
    static double peakMebibytes() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmHWM:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024).findFirst().orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    /** One line of a table: our seconds, the peer's, and ours divided by the peer's. */
    static void print(String what, double ours, @Nullable Double peers) {
        System.out.printf(Locale.ROOT, "%-40s %9.4f %s%n", what, ours,
            peers == null ? "        -       -" : String.format(Locale.ROOT, "%9.4f %7.3f", peers, ours / peers));
    }

    /** The head of the table. */
    static void printHead(Map<String, String> settings) {
        System.out.println(settings);
        System.out.printf(Locale.ROOT, "%-40s %9s %9s %7s%n", "median seconds", "ours", "peer", "ratio");
    }
}
