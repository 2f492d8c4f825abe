package org.finitentk.internal.network;

import java.util.Set;
import org.finitentk.internal.onnx.MissingNumbers;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;

/** The numbers that a network can be given. */
public final class InputNumbers {
    private InputNumbers() {}

    /**
     * Refuses inputs that are not finite, but for missing numbers that the network puts others in place of itself.
     *
     * @param network the network
     * @param x examples
     * @return the same examples
     * @throws IllegalArgumentException if a float is infinite, or is NaN and goes anywhere but into an Imputer, naming
     *     its example, input and element
     */
    public static Examples require(LinearizedNetwork network, Examples x) {
        return x.requireFinite(x.missesNumbers() ? mayMiss(network) : Set.of());
    }

    /**
     * The inputs in which numbers may be missing.
     *
     * @param network the network
     * @return names of inputs in which it puts other numbers in the place of NaN
     */
    public static Set<String> mayMiss(LinearizedNetwork network) {
        return MissingNumbers.replaced(RunningNetwork.of(network).source());
    }
}
