package org.finitentk.internal.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.finitentk.internal.runtime.Batching;
import org.finitentk.internal.runtime.InputShapes;
import org.finitentk.network.Examples;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/**
 * Whether an example's outputs depend on the examples that go through the network with it. A kernel has an entry for
 * two examples, and a posterior a prediction for one, only if they do not. Found from the inputs' declarations, and by
 * running some examples twice, one of them replaced in between.
 */
final class ExampleInfluence {
    /** Change of an example's outputs by the replacement of another, relative to the largest output. */
    private static final double TOLERANCE = 1e-4;
    /** The same for an example alone and among others, which the runtime may round differently. */
    private static final double TOLERANCE_ALONE = 1e-3;

    /** The part of it that float64 may leave. */
    private static final double WIDE = 0.1;

    private static final int[] BATCHES = {2, 7};
    /** Rows that are looked through for one that differs. */
    private static final int LOOKED_AT = 64;

    private static final double MOVED_BY = 0.25;
    private static final double MOVED_TIMES = 0.5;
    private static final String ADVICE =
            "kernels and posteriors need networks that treat examples independently, so export the network "
                    + "in inference mode, with the examples along "
                    + "the first axis of every input and nothing that is summed, normalized or ordered along that axis";

    private final OpenNetwork network;
    private final Examples x;
    private final List<Integer> rows;

    private ExampleInfluence(OpenNetwork network, Examples x) {
        this.network = network;
        this.x = x;
        int most = BATCHES[BATCHES.length - 1];
        this.rows = IntStream.range(0, most)
                .map(i -> x.size() >= most ? (int) ((long) i * x.size() / most) : i % x.size())
                .boxed()
                .toList();
    }

    /**
     * Refuses a network whose examples influence each other, which is found once for all handles on it.
     *
     * @param x examples, which fit the network
     * @throws InvalidModelException with the output that differs, and by how much
     */
    static void requireNone(OpenNetwork network, Examples x) {
        if (x.size() > 0 && !network.sessions().isIndependent()) {
            network.use(() -> refuse(network, x));
            network.sessions().setIndependent();
        }
    }

    private static void refuse(OpenNetwork network, Examples x) {
        ExampleInfluence influence = new ExampleInfluence(network, x);
        Batching batching = network.batching();
        if (batching.isFixed()) {
            int size = batching.chunkSize(1, 1);
            influence.run(List.of(Math.min(size, BATCHES[BATCHES.length - 1])));
        } else {
            long affordable = network.sessions().settings().effectiveMemoryBudget()
                    / network.sessions().bytesPerExample(Product.FORWARD);
            influence.run(IntStream.of(BATCHES)
                    .filter(size -> size <= affordable)
                    .boxed()
                    .toList());
        }
    }

    /**
     * Refuses inputs that have the examples along another axis than the first: an axis with the name that the first one
     * of another input has. A name that an input's own first axis has too says nothing: exporters give one name to two
     * sizes by accident.
     *
     * @param name the network's
     * @param inputs as the file has them, before sizes are known
     * @throws InvalidModelException with the input and its axis
     */
    static void refuseOtherAxes(String name, List<ValueInfo> inputs) {
        Set<String> batches = inputs.stream()
                .filter(input -> !input.isFixed(0))
                .map(input -> input.dims().get(0))
                .collect(Collectors.toSet());
        for (ValueInfo input : inputs) {
            for (int axis = 1; axis < input.dims().size(); axis++) {
                String size = input.dims().get(axis);
                if (batches.contains(size) && !size.equals(input.dims().get(0))) {
                    throw new InvalidModelException(
                            "network '" + name + "' has the examples ('" + size + "') along axis "
                                    + axis + " of input " + InputShapes.describe(input)
                                    + "; expected them along axis 0 of every input: " + ADVICE);
                }
            }
        }
    }

    private void run(List<Integer> sizes) {
        for (int size : sizes) {
            if (size < 2) {
                continue;
            }
            List<Integer> base = rows.subList(0, size);
            double[] f =
                    outputs(x.select(base.stream().mapToInt(Integer::intValue).toArray()));
            for (int place : new int[] {0, size - 1}) {
                compare(f, outputs(replaced(base, place)), place, size);
            }
            if (!network.batching().isFixed()) {
                compareAlone(f, outputs(x.select(base.get(size - 1))), size);
            }
        }
    }

    private double[] outputs(Examples batch) {
        return ChunkedProducts.outputsAtOnce(network, batch);
    }

    private void compare(double[] before, double[] after, int place, int size) {
        int k = network.outputSize();
        double scale = Math.max(largest(before), largest(after));
        for (int i = 0; i < before.length; i++) {
            if (i / k != place && differs(before[i], after[i], TOLERANCE * scale)) {
                throw refused(
                        i % k,
                        rows.get(i / k),
                        String.format(
                                Locale.ROOT,
                                "is %.6g, and %.6g after another of the %d examples in its batch was replaced",
                                before[i],
                                after[i],
                                size));
            }
        }
    }

    private void compareAlone(double[] among, double[] alone, int size) {
        int k = network.outputSize();
        double tolerance = TOLERANCE_ALONE * Math.max(largest(among), largest(alone));
        for (int c = 0; c < k; c++) {
            if (differs(among[(size - 1) * k + c], alone[c], tolerance)) {
                if (isRounding(size, tolerance)) {
                    return;
                }
                throw refused(
                        c,
                        rows.get(size - 1),
                        String.format(
                                Locale.ROOT,
                                "is %.6g alone, and %.6g as the last of %d",
                                alone[c],
                                among[(size - 1) * k + c],
                                size));
            }
        }
    }

    /**
     * A network can be so sensitive that batches of other sizes, which round otherwise, give other outputs. In float64
     * they give the same then.
     */
    private boolean isRounding(int size, double tolerance) {
        if (network.elementType() == ElementType.DOUBLE) {
            return false;
        }
        Examples batch = WideNetwork.of(
                x.select(rows.stream().limit(size).mapToInt(Integer::intValue).toArray()));
        try (OpenNetwork wide = WideNetwork.of(network)) {
            double[] among = ChunkedProducts.outputsAtOnce(wide, batch);
            double[] alone = ChunkedProducts.outputsAtOnce(wide, batch.slice(size - 1, size));
            return IntStream.range(0, alone.length)
                    .noneMatch(c -> differs(among[(size - 1) * alone.length + c], alone[c], WIDE * tolerance));
        } catch (IllegalArgumentException | IllegalStateException e) {
            return false;
        }
    }

    private InvalidModelException refused(int output, int row, String difference) {
        return new InvalidModelException(
                "network '" + network.graphs().name() + "' lets examples influence each other: element " + output
                        + " of output '" + network.graphs().output().name() + "' for example " + x.position(row) + " "
                        + difference + "; " + ADVICE);
    }

    private static boolean differs(double a, double b, double tolerance) {
        return Double.compare(a, b) != 0 && !(Math.abs(a - b) <= tolerance);
    }

    private static double largest(double[] values) {
        double largest = 0;
        for (double value : values) {
            largest = Double.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
        }
        return largest;
    }

    /** Some rows, with another example at one place. */
    private Examples replaced(List<Integer> chosen, int place) {
        int[] positions = chosen.stream().mapToInt(Integer::intValue).toArray();
        int replaced = positions[place];
        int other = IntStream.range(0, Math.min(LOOKED_AT, x.size()))
                .map(i -> x.size() - 1 - i)
                .filter(i -> differ(i, replaced))
                .findFirst()
                .orElse(replaced);
        positions[place] = other;
        Examples batch = x.select(positions);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        batch.inputs()
                .forEach((name, tensor) ->
                        inputs.put(name, same(name, other, replaced) ? moved(tensor, place) : tensor));
        return new Examples(inputs);
    }

    private boolean differ(int i, int j) {
        return x.inputs().keySet().stream().anyMatch(name -> !same(name, i, j));
    }

    private boolean same(String input, int i, int j) {
        Tensor tensor = Objects.requireNonNull(x.inputs().get(input));
        return tensor.rows(i, i + 1).data().equals(tensor.rows(j, j + 1).data());
    }

    /**
     * An input in which all examples are alike has other numbers in one row; what is counted or looked up stays, since
     * no other values are known to be valid.
     */
    private static Tensor moved(Tensor tensor, int row) {
        if (!tensor.type().isDifferentiable()) {
            return tensor;
        }
        double[] values = tensor.toDoubles();
        int width = values.length / (int) tensor.shape()[0];
        for (int i = row * width; i < (row + 1) * width; i++) {
            values[i] = MOVED_BY * (1 + (i - row * width) % 3) + MOVED_TIMES * values[i];
        }
        return Tensor.ofReals(tensor.type(), values, tensor.shape());
    }
}
