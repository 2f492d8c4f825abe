package org.finitentk.finetune;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Output;
import org.tribuo.impl.ModelDataCarrier;

/** Checks of stored models, which are untrusted. */
final class StoredModel {
    private StoredModel() {}

    static void requireVersion(String className, int version, int current) {
        if (version < 0 || version > current) {
            throw new IllegalArgumentException("the stored " + className + " has version " + version + "; this release reads versions 0 to " + current);
        }
    }

    /** The output domain, checked to be of a type. */
    static <T extends Output<T>> ImmutableOutputInfo<T> outputs(ModelDataCarrier<?> carrier, Class<T> type) {
        Class<?> found = carrier.outputDomain().getOutput(0).getClass();
        if (!found.equals(type)) {
            throw new IllegalArgumentException("the stored model has outputs of " + found.getName() + "; expected " + type.getName());
        }
        @SuppressWarnings("unchecked") // Checked just above.
        ImmutableOutputInfo<T> outputs = (ImmutableOutputInfo<T>) carrier.outputDomain();
        return outputs;
    }

    static void requireSameNames(Collection<String> domain, List<String> network) {
        if (network.size() != domain.size() || !new HashSet<>(network).equals(new HashSet<>(domain))) {
            throw new IllegalArgumentException("the stored network's outputs " + network + " are not the stored outputs " + domain + "; the model is damaged");
        }
    }
}
