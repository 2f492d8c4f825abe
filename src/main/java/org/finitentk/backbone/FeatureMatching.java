package org.finitentk.backbone;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.internal.onnx.ColumnInputs;
import org.finitentk.internal.tribuo.FeatureNames;
import org.finitentk.internal.tribuo.NumberedNames;
import org.finitentk.internal.tribuo.UnknownOrderException;
import org.finitentk.internal.util.NumberAwareOrder;
import org.finitentk.internal.util.RejectedSetting;
import org.finitentk.internal.util.Settings;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;
import org.tribuo.interop.onnx.ExampleTransformer;

/**
 * Decides, once before training, which element of the network's inputs each feature is.
 *
 * @param features names in the order of the elements; empty to go by the order
 * @param order the rule without such a list
 * @param firstNumber under NUMBERED, the number at position 0
 * @param unlisted what becomes of features that a list does not have
 * @param shape shape of one example; empty for the network's own
 * @param transformer writes the tensor of an only input, or null
 * @param inputTransformer makes all inputs in place of the rest of this, or null
 */
record FeatureMatching(
        List<String> features,
        FeatureOrder order,
        int firstNumber,
        UnlistedFeatures unlisted,
        List<Integer> shape,
        @Nullable ExampleTransformer transformer,
        @Nullable InputTransformer inputTransformer) {
    private static final Logger LOG = Logger.getLogger(OnnxBackbone.class.getName());

    FeatureMatching {
        if (!features.isEmpty() && order == FeatureOrder.NUMBERED) {
            throw new RejectedSetting(
                    "featureOrder",
                    "featureOrder is NUMBERED but 'features' lists " + features.size()
                            + " names; expected one of the two");
        }
        Settings.require(shape.stream().allMatch(size -> size > 0), "inputShape", shape, "positive sizes");
        if (inputTransformer != null
                && (transformer != null
                        || !features.isEmpty()
                        || !shape.isEmpty()
                        || unlisted == UnlistedFeatures.IGNORE)) {
            throw new RejectedSetting(
                    "inputTransformer",
                    "an inputTransformer makes the inputs alone; expected no transformer, features, "
                            + "inputShape or unlistedFeatures IGNORE beside it");
        }
    }

    /**
     * The mapping for training and for every prediction; one line of log says what it is.
     *
     * @param data the training data's features
     * @param inputs the network's inputs
     * @param named names of the elements by the network's file, empty if it has none
     * @throws IllegalArgumentException if the features do not fit, or nothing says where each of them goes
     */
    InputMapping match(DataFeatures data, List<ValueInfo> inputs, List<String> named) {
        if (inputTransformer != null) {
            return TransformedMapping.of(inputTransformer, data, inputs);
        }
        if (!features.isEmpty()) {
            return listed("'features' of the backbone", features, data, inputs);
        }
        return switch (order) {
            case EVIDENT ->
                named.isEmpty()
                        ? evident(data, inputs)
                        : listed(
                                "the network's metadata " + NetworkNames.FEATURES,
                                inTheDatasWords(named, data.occurring()),
                                data,
                                inputs);
            case SORTED -> sorted(data, inputs);
            case NUMBERED -> {
                DenseInput dense = DenseInput.of(inputs, shape, data.domain().size(), transformer);
                yield logged(
                        "featureOrder NUMBERED",
                        DenseMapping.numbered(firstNumber, data.domain(), new DenseInputs(List.of(dense))));
            }
        };
    }

    private static InputMapping logged(String reason, DenseMapping mapping) {
        List<String> names = mapping.features();
        LOG.log(
                Level.INFO,
                () -> "the network's " + mapping.dense().describe() + ": by " + reason + " the features "
                        + (names.isEmpty() ? mapping.describe() : FeatureNames.shown(names) + ", in this order"));
        return mapping;
    }

    private InputMapping listed(String list, List<String> names, DataFeatures data, List<ValueInfo> inputs) {
        DenseInputs dense = DenseInputs.of(inputs, shape, names.size(), transformer);
        if (names.size() != dense.size()) {
            throw new IllegalArgumentException("the list of features, " + list + ", lists " + names.size()
                    + " features, but the network's " + dense.describe());
        }
        requireOwn(list, names, ColumnInputs.names(inputs));
        DenseMapping mapping = DenseMapping.listed(names, data.always(), dense);
        Set<String> known = new HashSet<>(names);
        Set<String> others = new TreeSet<>(data.occurring());
        others.removeAll(known);
        if (unlisted == UnlistedFeatures.ERROR && !others.isEmpty()
                || others.size() == data.occurring().size()) {
            throw new IllegalArgumentException(
                    "the data has the features " + FeatureNames.shown(others) + ", which are not among the "
                            + names.size() + " that " + list + " lists (" + FeatureNames.shown(names)
                            + "); correct the names on one side, or set unlistedFeatures IGNORE to leave "
                            + "columns out; the network's "
                            + dense.describe());
        }
        List<String> never =
                names.stream().filter(name -> !data.occurring().contains(name)).toList();
        if (!never.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    () -> "no training example has the features " + FeatureNames.shown(never) + " that " + list
                            + " lists; the network gets zeros for them");
        }
        return logged(list, mapping);
    }

    /** Refuses a list that gives a feature to one input where another one has the feature's name. */
    private static void requireOwn(String list, List<String> names, List<String> inputs) {
        List<String> bare = FeatureNames.without(FeatureNames.suffix(names), names);
        List<String> own = ColumnInputs.bare(inputs);
        for (int i = 0; i < own.size(); i++) {
            int named = own.indexOf(bare.get(i));
            if (named >= 0 && named != i) {
                throw new IllegalArgumentException("the list of features, " + list + ", gives '" + names.get(i)
                        + "' to the network's input '" + inputs.get(i) + "', but the network has an input '"
                        + inputs.get(named) + "'; its inputs are, in this order, " + FeatureNames.shown(inputs)
                        + ": list the features so, or, where they have the same names, leave the list out");
            }
        }
    }

    /**
     * The network's names as the data has them: with the suffix of a field processor, or without one that the file's
     * names have.
     */
    private static List<String> inTheDatasWords(List<String> named, Collection<String> data) {
        String suffix = FeatureNames.suffix(data);
        List<String> bare = FeatureNames.without(FeatureNames.suffix(named), named);
        Set<String> own = new HashSet<>(named);
        boolean fits = data.stream().anyMatch(own::contains);
        return fits ? named : bare.stream().map(name -> name + suffix).toList();
    }

    private InputMapping sorted(DataFeatures data, List<ValueInfo> inputs) {
        int found = data.domain().size();
        DenseInputs dense = new DenseInputs(List.of(DenseInput.of(inputs, shape, found, transformer)));
        if (found != dense.size()) {
            throw new IllegalArgumentException(
                    count(found, dense) + "; give the backbone its features by name in input order, or featureOrder "
                            + "NUMBERED if the names end in their positions");
        }
        return logged(
                "featureOrder SORTED",
                DenseMapping.listed(
                        data.domain().stream().sorted(NumberAwareOrder.INSTANCE).toList(), data.always(), dense));
    }

    private static String count(int found, DenseInputs dense) {
        return "the data has " + found + " features (shape [" + found + "] an example), but the network's "
                + dense.describe();
    }

    /** The feature map may have names of other data, so those that occur are tried after it. */
    private InputMapping evident(DataFeatures data, List<ValueInfo> inputs) {
        if (inputs.size() > 1) {
            return several(data, inputs);
        }
        DenseInput dense = DenseInput.of(inputs, shape, data.domain().size(), transformer);
        for (List<String> names : List.of(data.domain(), List.copyOf(data.occurring()))) {
            if (names.size() != dense.size()) {
                continue;
            }
            List<String> order = names.size() == 1 ? names : NumberedNames.byNumber(names);
            if (!order.isEmpty()) {
                return logged(
                        names.size() == 1 ? "there being one of each" : "their numbers",
                        DenseMapping.listed(order, data.always(), new DenseInputs(List.of(dense))));
            }
        }
        throw refusal(new TreeSet<>(data.domain()), new DenseInputs(List.of(dense)));
    }

    /** Names of inputs tell where features go if each input is one number. */
    private InputMapping several(DataFeatures data, List<ValueInfo> inputs) {
        DenseInputs dense = DenseInputs.of(inputs, shape, 0, transformer);
        List<String> own = ColumnInputs.names(inputs);
        if (own.isEmpty()) {
            throw refusal(new TreeSet<>(data.domain()), dense);
        }
        List<String> exact = inTheDatasWords(own, data.occurring());
        List<String> names =
                data.occurring().containsAll(exact) ? exact : inTheDatasWords(ColumnInputs.bare(own), data.occurring());
        boolean whole = data.occurring().containsAll(names);
        if (!whole || unlisted == UnlistedFeatures.ERROR && data.occurring().size() != names.size()) {
            throw refusal(new TreeSet<>(data.domain()), dense);
        }
        return logged("the inputs' own names", DenseMapping.listed(names, data.always(), dense));
    }

    private static UnknownOrderException refusal(Set<String> names, DenseInputs dense) {
        return new UnknownOrderException(reason(names, dense), dense.size(), dense.named());
    }

    private static String reason(Set<String> names, DenseInputs dense) {
        String shown =
                "the names are " + FeatureNames.shown(names) + ", in alphabetical order, which is not the network's";
        String advice = "list them in the order in which the network was trained as 'features' of OnnxBackbone";
        boolean fromZero = fitsNumbers(names, new FeaturePositions.Numbered(0, dense.size()));
        boolean fromOne = fitsNumbers(names, new FeaturePositions.Numbered(1, dense.size()));
        if (dense.all().size() == 1 && names.size() > 1 && (fromZero || fromOne)) {
            String first = !fromOne ? "0" : !fromZero ? "1" : "0 or 1, the number of the first element";
            return "the data's " + names.size() + " features end in numbers, of which " + (dense.size() - names.size())
                    + " never occur; " + shown + ", and the network's "
                    + dense.describe() + "; set featureOrder NUMBERED of OnnxBackbone (with firstNumber " + first
                    + ") if features that are left out are zeros, as in sparse image files, else " + advice;
        }
        if (names.size() != dense.size()) {
            return count(names.size(), dense) + "; " + shown + ", so " + advice;
        }
        return "nothing says which feature goes where: the network's " + dense.describe() + ", and the data has "
                + names.size() + " features; " + shown + ", so " + advice;
    }

    private static boolean fitsNumbers(Set<String> names, FeaturePositions.Numbered positions) {
        Set<String> prefixes = new HashSet<>();
        Set<Integer> taken = new HashSet<>();
        for (String name : names) {
            prefixes.add(FeaturePositions.Numbered.prefix(name));
            taken.add(positions.of(name));
        }
        return names.size() < positions.size()
                && prefixes.size() == 1
                && taken.size() == names.size()
                && !taken.contains(FeaturePositions.NONE);
    }
}
