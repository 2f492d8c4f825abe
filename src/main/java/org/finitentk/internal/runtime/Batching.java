package org.finitentk.internal.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ValueInfo;

/** How many examples go through a network at once. */
public final class Batching {
    /** Every run would need so many examples, however few there are. */
    private static final int MAX_FIXED_BATCH = 1 << 16;

    private final List<ValueInfo> inputs;
    private final long fixedBatch;
    private final int mostInChunk;

    /**
     * Refuses inputs without an axis, along which examples could lie.
     *
     * @param network its name
     * @param inputs all of them
     * @throws InvalidModelException with the first of them
     */
    public static void refuseScalars(String network, List<ValueInfo> inputs) {
        for (ValueInfo input : inputs) {
            if (input.dims().isEmpty()) {
                throw new InvalidModelException(
                        "network '" + network + "' has the scalar input " + InputShapes.describe(input)
                                + "; expected every input to have the examples along its first dimension; give "
                                + "--input-value " + input.name() + "=VALUE for what is the same for all "
                                + "(inputValues of OnnxBackbone)");
            }
        }
    }

    /**
     * Looks at the network's inputs.
     *
     * @param mostInChunk more at once is no faster
     * @throws InvalidModelException if an input has no batch dimension, or the inputs have different fixed ones
     */
    public Batching(String network, List<ValueInfo> inputs, int mostInChunk) {
        this.inputs = inputs;
        refuseScalars(network, inputs);
        long batch = -1;
        for (ValueInfo input : inputs) {
            if (input.isFixed(0)) {
                if (batch >= 0 && batch != input.dim(0) || input.dim(0) == 0) {
                    throw new InvalidModelException(
                            "network '" + network + "' has inputs with fixed batch dimensions that do not agree: "
                                    + inputs.stream().map(InputShapes::describe).toList()
                                    + "; expected the examples along the first dimension of each; of inputs that have "
                                    + "none, such as a state to start from, make constants with --input-value "
                                    + input.name() + "=0 (inputValues of OnnxBackbone)");
                }
                batch = input.dim(0);
                if (batch > MAX_FIXED_BATCH) {
                    throw new InvalidModelException("network '" + network + "' has the input "
                            + InputShapes.describe(input) + " with a fixed batch of " + batch
                            + " examples; expected at most " + MAX_FIXED_BATCH + ", so export it with a dynamic batch");
                }
            }
        }
        this.fixedBatch = batch;
        this.mostInChunk = mostInChunk;
    }

    /** The inputs with the batch dimension made symbolic: what a caller's examples must fit. */
    public List<ValueInfo> exampleInputs() {
        List<ValueInfo> free = new ArrayList<>();
        for (ValueInfo input : inputs) {
            List<String> dims = new ArrayList<>(input.dims());
            dims.set(0, "examples");
            free.add(new ValueInfo(input.name(), input.type(), dims));
        }
        return free;
    }

    /** Examples in a run: the network's own batch if it is fixed, else what the budget allows. */
    public int chunkSize(long bytesPerExample, long budgetBytes) {
        return isFixed()
                ? Math.toIntExact(fixedBatch)
                : (int) Math.max(1, Math.min(mostInChunk, budgetBytes / Math.max(1, bytesPerExample)));
    }

    /** Whether the network has a batch size of its own. */
    public boolean isFixed() {
        return fixedBatch > 0;
    }

    /** Whether examples [from, to) go in as they are; a fixed batch must be full. */
    public boolean isFull(int from, int to) {
        return fixedBatch <= 0 || to - from == fixedBatch;
    }

    /**
     * The examples of a fixed batch that starts with {@code from}: those up to {@code to}, and repetitions of the last
     * of them.
     */
    public int[] filledUp(int from, int to) {
        return IntStream.range(0, (int) fixedBatch)
                .map(i -> Math.min(from + i, to - 1))
                .toArray();
    }
}
