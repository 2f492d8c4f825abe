package org.finitentk.network;

import java.util.Locale;
import org.finitentk.internal.runtime.MemoryEstimate;
import org.finitentk.internal.util.Settings;

/**
 * Where and how networks run.
 *
 * @param device CPU or CUDA
 * @param threads threads of one operator on the CPU; 0 for all cores
 * @param memoryBudgetBytes what may be used for intermediate values and for what is kept, which decides how many
 *     examples go through at once. It can change the last digits of results, so that the number itself is what
 *     provenance records; 0, which version 0.1 recorded, is a quarter of the machine's memory, at most 2 GiB
 * @param deviceId which GPU, from 0; ignored on the CPU
 * @param deterministic whether ONNX Runtime is asked for kernels that repeat bit for bit
 */
public record ExecutionSettings(
        Device device, int threads, long memoryBudgetBytes, int deviceId, boolean deterministic) {
    /**
     * All cores of the CPU, repeatable results, and a memory budget of a quarter of the machine's memory, if that is no
     * more than three quarters of the Java heap's limit, to which the JVM and the libraries hold memory outside the
     * heap.
     */
    public static final ExecutionSettings DEFAULT = new ExecutionSettings(
            Device.CPU,
            0,
            Math.max(
                    1,
                    Math.min(
                            MemoryEstimate.physicalMemory() / 4,
                            Runtime.getRuntime().maxMemory() / 4 * 3)),
            0,
            true);

    private static final long MAX_OLD_BUDGET = 2L << 30;
    /** More than any machine has cores: ONNX Runtime makes as many as it is told to, whatever memory they take. */
    private static final int MOST_THREADS = 1024;

    /** The processor that runs the network. */
    public enum Device {
        /** ONNX Runtime's CPU execution provider. */
        CPU,
        /** ONNX Runtime's CUDA execution provider, which needs the build of profile {@code gpu}. */
        CUDA;

        /**
         * The device of a name as users write it.
         *
         * @param name "cpu" or "cuda", in any case
         * @return the device
         * @throws IllegalArgumentException for another name
         */
        public static Device of(String name) {
            return switch (name.toUpperCase(Locale.ROOT)) {
                case "CPU" -> CPU;
                case "CUDA" -> CUDA;
                default -> throw new IllegalArgumentException("unknown device '" + name + "'; expected cpu or cuda");
            };
        }
    }

    /**
     * Checks the ranges.
     *
     * @param device CPU or CUDA
     * @param threads 0 to 1024
     * @param memoryBudgetBytes at least 0
     * @param deviceId at least 0
     * @param deterministic repeatable kernels
     * @throws IllegalArgumentException for a number out of range
     */
    public ExecutionSettings {
        Settings.require(
                threads >= 0 && threads <= MOST_THREADS,
                "threads",
                threads,
                "1 to " + MOST_THREADS + ", or 0 for one for each core");
        Settings.requireAtLeast("memoryBudget", memoryBudgetBytes, 0);
        Settings.requireAtLeast("deviceId", deviceId, 0);
    }

    /**
     * The same settings on another device.
     *
     * @param newDevice CPU or CUDA
     * @return new settings
     */
    public ExecutionSettings withDevice(Device newDevice) {
        return new ExecutionSettings(newDevice, threads, memoryBudgetBytes, deviceId, deterministic);
    }

    /**
     * The same settings with another number of threads.
     *
     * @param newThreads threads, 0 for all cores
     * @return new settings
     */
    public ExecutionSettings withThreads(int newThreads) {
        return new ExecutionSettings(device, newThreads, memoryBudgetBytes, deviceId, deterministic);
    }

    /**
     * The same settings with another memory budget.
     *
     * @param bytes the budget, or 0, see above
     * @return new settings
     */
    public ExecutionSettings withMemoryBudget(long bytes) {
        return new ExecutionSettings(device, threads, bytes, deviceId, deterministic);
    }

    /**
     * The budget in force.
     *
     * @return {@link #memoryBudgetBytes()}, or what 0 stands for
     */
    public long effectiveMemoryBudget() {
        return memoryBudgetBytes > 0
                ? memoryBudgetBytes
                : Math.min(MAX_OLD_BUDGET, MemoryEstimate.physicalMemory() / 4);
    }

    /**
     * The number of threads in force.
     *
     * @return {@link #threads()}, or one for each core when that is 0
     */
    public int effectiveThreads() {
        return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    }
}
