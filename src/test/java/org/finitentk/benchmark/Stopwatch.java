package org.finitentk.benchmark;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Times work, and looks at the process's memory. */
final class Stopwatch {
    private static final long WARM_UP_NANOSECONDS = 1_000_000_000L;

    private Stopwatch() {}

    /**
     * Median seconds, after a second of runs that are not counted: the first opens sessions, the JVM's compiler needs
     * some more.
     */
    static double median(int repeats, Runnable work) {
        return medians(repeats, List.of(work))[0];
    }

    /** The same for several, which take turns, so that whatever else the machine does meets all of them alike. */
    static double[] medians(int repeats, List<Runnable> works) {
        works.forEach(Stopwatch::warmUp);
        double[][] seconds = new double[works.size()][repeats];
        for (int i = 0; i < repeats; i++) {
            for (int j = 0; j < works.size(); j++) {
                long start = System.nanoTime();
                works.get(j).run();
                seconds[j][i] = (System.nanoTime() - start) / 1e9;
            }
        }
        return Arrays.stream(seconds)
                .mapToDouble(each -> Arrays.stream(each).sorted().toArray()[repeats / 2])
                .toArray();
    }

    private static void warmUp(Runnable work) {
        long start = System.nanoTime();
        do {
            work.run();
        } while (System.nanoTime() - start < WARM_UP_NANOSECONDS);
    }

    /** What this process has used of all processors so far; NaN where the JVM does not tell. */
    static double processorSeconds() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getProcessCpuTime() / 1e9
                : Double.NaN;
    }

    /** The largest resident set of this process so far, as Linux counts it, in MiB; NaN elsewhere. */
    static double peakMebibytes() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    /** One line of a table: our seconds, the peer's, and ours divided by the peer's. */
    static void print(String what, double ours, @Nullable Double peers) {
        System.out.printf(
                Locale.ROOT,
                "%-40s %9.4f %s%n",
                what,
                ours,
                peers == null ? "        -       -" : String.format(Locale.ROOT, "%9.4f %7.3f", peers, ours / peers));
    }

    /** The head of the table. */
    static void printHead(Map<String, String> settings) {
        System.out.println(settings);
        System.out.printf(Locale.ROOT, "%-40s %9s %9s %7s%n", "median seconds", "ours", "peer", "ratio");
    }
}
