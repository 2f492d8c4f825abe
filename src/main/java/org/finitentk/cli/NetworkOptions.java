package org.finitentk.cli;

import org.finitentk.bundle.NetworkFile;
import org.finitentk.internal.network.InputNumbers;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A model, and how it runs. */
final class NetworkOptions {
    @Mixin
    private SelectedModel model;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "threads of the runtime; 0 for all cores (default: ${DEFAULT-VALUE})")
    private int threads = ExecutionSettings.DEFAULT.threads();

    @Option(
            names = "--device",
            paramLabel = "cpu|cuda",
            description = "where the network runs (default: ${DEFAULT-VALUE}; cuda needs the build profile gpu)")
    private ExecutionSettings.Device device = ExecutionSettings.DEFAULT.device();

    @Option(
            names = "--memory",
            paramLabel = "MIB",
            defaultValue = "0",
            description = "memory for intermediate values and what is kept, in MiB (default: a quarter of the machine, "
                    + "at most three quarters of -Xmx)")
    private long memory;

    NetworkOptions() {}

    SelectedModel model() {
        return model;
    }

    ExecutionSettings settings() {
        if (memory < 0 || memory > Long.MAX_VALUE >> 20) {
            throw new IllegalArgumentException(
                    "--memory is " + memory + " MiB; expected 0 to " + (Long.MAX_VALUE >> 20));
        }
        ExecutionSettings settings =
                ExecutionSettings.DEFAULT.withDevice(device).withThreads(threads);
        return memory == 0 ? settings : settings.withMemoryBudget(memory << 20);
    }

    LinearizedNetwork open() {
        return NetworkFile.open(model.path(), model.view(), model.selection(), settings());
    }

    /** Reads examples; the first ones settle the sizes that the network leaves open. */
    Examples examples(LinearizedNetwork opened, String option, String value) {
        Examples x = InputNumbers.require(opened, Inputs.read(option, value, opened.inputs()));
        opened.requireFit(x);
        return x;
    }
}
