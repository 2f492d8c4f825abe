package org.finitentk.backbone;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.finitentk.internal.tribuo.FeatureNames;
import org.finitentk.network.Examples;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;
import org.tribuo.Feature;
import org.tribuo.interop.onnx.ExampleTransformer;

/**
 * A network's inputs as one row of elements: those of the first input in C order, then those of the second, and so on.
 *
 * @param all the inputs, at least one
 */
record DenseInputs(List<DenseInput> all) {
    DenseInputs {
        all = List.copyOf(all);
    }

    /**
     * Settles the shapes of one example.
     *
     * @param givenShape shape of the only input by configuration, empty to take the network's
     * @param featureCount the length of an only vector input of symbolic size
     * @throws IllegalArgumentException if sizes are open, or a shape or transformer is given for several inputs
     */
    static DenseInputs of(
            List<ValueInfo> inputs,
            List<? extends Number> givenShape,
            long featureCount,
            @Nullable ExampleTransformer transformer) {
        if (inputs.size() == 1) {
            return new DenseInputs(List.of(DenseInput.of(inputs, givenShape, featureCount, transformer)));
        }
        List<String> names = inputs.stream().map(ValueInfo::name).toList();
        if (transformer != null || !givenShape.isEmpty()) {
            throw new IllegalArgumentException("the network has " + inputs.size() + " inputs " + names
                    + ", but inputShape and transformer of the backbone are for one input; expected "
                    + "neither, or an inputTransformer");
        }
        List<DenseInput> all = new ArrayList<>();
        for (ValueInfo input : inputs) {
            if (!isFixed(input)) {
                throw new IllegalArgumentException("the network has the inputs " + names + ", and '" + input.name()
                        + "' has the shape "
                        + input.dims() + ", which is open; expected an inputTransformer that fills them all, or "
                        + "inputValues of inputs that are the same for all examples");
            }
            all.add(DenseInput.of(List.of(input), List.of(), 0, null));
        }
        return new DenseInputs(all);
    }

    private static boolean isFixed(ValueInfo input) {
        for (int i = 1; i < input.dims().size(); i++) {
            if (!input.isFixed(i)) {
                return false;
            }
        }
        return !input.dims().isEmpty();
    }

    /** Of one example of each input. */
    InputSizes sizes() {
        InputSizes sizes = InputSizes.NONE;
        for (DenseInput dense : all) {
            sizes = sizes.and(InputSizes.ofExample(dense.input().name(), dense.shape()));
        }
        return sizes;
    }

    /** The same for numbers that may be missing in some inputs. */
    DenseInputs missing(Set<String> inputs) {
        return new DenseInputs(all.stream()
                .map(dense -> inputs.contains(dense.input().name()) ? dense.missing() : dense)
                .toList());
    }

    int size() {
        return all.stream().mapToInt(DenseInput::size).reduce(0, Math::addExact);
    }

    long bytes() {
        return all.stream()
                .mapToLong(input -> (long) input.size() * input.input().type().bytes())
                .sum();
    }

    /** The only input. */
    DenseInput only() {
        return all.get(0);
    }

    /** Ends a sentence. */
    String describe() {
        if (all.size() == 1) {
            return only().describe();
        }
        List<String> names = all.stream().map(input -> input.input().name()).toList();
        String sequence = sequence();
        return "inputs " + FeatureNames.shown(names) + " have " + size() + " elements an example"
                + (sequence.isEmpty() ? "" : ", " + sequence);
    }

    /** Several inputs and their sizes, in the order of the row; empty if there is one, or each has one element. */
    String sequence() {
        return all.size() == 1 || all.size() == size()
                ? ""
                : all.stream()
                        .map(input -> "'" + input.input().name() + "' (" + input.size() + ")")
                        .collect(Collectors.joining(", then "));
    }

    /** Several inputs, with their sizes where these are not all one; empty if there is one. */
    String named() {
        String sequence = sequence();
        return all.size() == 1 || !sequence.isEmpty()
                ? sequence
                : FeatureNames.shown(
                        all.stream().map(input -> input.input().name()).toList());
    }

    Filler filler(int examples, int first) {
        return new Filler(this, examples, first);
    }

    /** Receives the features of a batch, by their places in the row. */
    static final class Filler {
        private final List<DenseInput> inputs;
        private final List<DenseInput.Filler> fillers = new ArrayList<>();

        private Filler(DenseInputs host, int examples, int first) {
            inputs = host.all;
            inputs.forEach(input -> fillers.add(input.filler(examples, first)));
        }

        void put(int example, int position, Feature feature) {
            int input = 0;
            int within = position;
            while (within >= inputs.get(input).size()) {
                within -= inputs.get(input).size();
                input++;
            }
            fillers.get(input).put(example, within, feature);
        }

        Examples examples() {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (int i = 0; i < inputs.size(); i++) {
                tensors.put(inputs.get(i).input().name(), fillers.get(i).tensor());
            }
            return new Examples(tensors);
        }
    }
}
