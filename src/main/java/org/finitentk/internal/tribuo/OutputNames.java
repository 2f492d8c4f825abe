package org.finitentk.internal.tribuo;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.finitentk.internal.util.NumberAwareOrder;
import org.tribuo.Output;
import org.tribuo.OutputInfo;
import org.tribuo.classification.Label;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.regression.Regressor;

/** The names of a task's outputs: its labels, or the dimensions of its regressions. */
public final class OutputNames {
    private OutputNames() {}

    /**
     * The names of a domain.
     *
     * @param domain labels or dimensions
     * @return the names, in Tribuo's order
     * @throws IllegalArgumentException if outputs are neither
     */
    public static List<String> of(OutputInfo<?> domain) {
        return domain.getDomain().stream().flatMap(OutputNames::names).toList();
    }

    private static Stream<String> names(Output<?> output) {
        if (output instanceof Label label) {
            return Stream.of(label.getLabel());
        }
        if (output instanceof Regressor regressor) {
            return Arrays.stream(regressor.getNames());
        }
        if (output instanceof MultiLabel labels) {
            return labels.getNameSet().stream();
        }
        throw new IllegalArgumentException(
                "outputs are of " + output.getClass().getName() + "; expected labels or the dimensions of regressions");
    }

    /**
     * Names in alphabetical order, numbers in them compared as numbers.
     *
     * @param names in any order
     * @return the same names
     */
    public static List<String> sorted(Collection<String> names) {
        return names.stream().sorted(NumberAwareOrder.INSTANCE).toList();
    }

    /**
     * The place of a name.
     *
     * @param name a label or dimension
     * @param names all of them
     * @return its position
     * @throws IllegalArgumentException if it is not among them
     */
    public static int indexOf(String name, List<String> names) {
        int at = names.indexOf(name);
        if (at < 0) {
            throw new IllegalArgumentException("unknown output '" + name + "'; expected one of " + names);
        }
        return at;
    }
}
