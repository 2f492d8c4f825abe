package org.finitentk.backbone;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.InvalidObjectException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.protos.ExecutionSettingsProto;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Output;
import org.tribuo.impl.ModelDataCarrier;

/** Checks that every stored model of this project goes through when it is read: stored models are untrusted. */
public final class StoredModel {
    private StoredModel() {
    }

    /**
     * Refuses versions of other releases.
     *
     * @param className the stored class
     * @param version the stored version
     * @param current the newest version that is known
     * @throws IllegalArgumentException if the version is unknown
     */
    public static void requireVersion(String className, int version, int current) {
        if (version < 0 || version > current) {
            throw new IllegalArgumentException("the stored " + className + " has version " + version + "; this release reads versions 0 to " + current);
        }
    }

    /**
     * The output domain, checked to be of a type.
     *
     * @param carrier the stored metadata
     * @param type Regressor or Label
     * @param <T> the type
     * @return the domain
     * @throws IllegalArgumentException if it is of another type
     */
    public static <T extends Output<T>> ImmutableOutputInfo<T> outputs(ModelDataCarrier<?> carrier, Class<T> type) {
        Class<?> found = carrier.outputDomain().getOutput(0).getClass();
        if (!found.equals(type)) {
            throw new IllegalArgumentException("the stored model has outputs of " + found.getName() + "; expected " + type.getName());
        }
        @SuppressWarnings("unchecked") // Checked just above.
        ImmutableOutputInfo<T> outputs = (ImmutableOutputInfo<T>) carrier.outputDomain();
        return outputs;
    }

    /**
     * Refuses a model whose outputs are not those of its domain.
     *
     * @param domain names of the stored output domain
     * @param outputs names of the stored mapping
     * @throws IllegalArgumentException if they differ
     */
    public static void requireSameNames(Collection<String> domain, List<String> outputs) {
        if (outputs.size() != domain.size() || !new HashSet<>(outputs).equals(new HashSet<>(domain))) {
            throw new IllegalArgumentException("the stored network's outputs " + outputs + " are not the stored outputs " + domain + "; the model is damaged");
        }
    }

    /**
     * Refuses a model whose outputs are not all different, or lack one of its domain; the network may have others.
     *
     * @param domain names of the stored output domain
     * @param outputs names of the stored mapping
     * @throws IllegalArgumentException if they do not fit
     */
    public static void requireNames(Collection<String> domain, List<String> outputs) {
        HashSet<String> different = new HashSet<>(outputs);
        if (different.size() != outputs.size() || !different.containsAll(domain)) {
            throw new IllegalArgumentException("the stored network's outputs " + outputs + " are not different names with the stored outputs " + domain + " among them; the model is damaged");
        }
    }

    /**
     * For a model in Java's serialization, which takes what it reads as it comes: parts may be missing or be at odds with each other.
     *
     * @param failure what happened when the parts were looked at
     * @return says so in one sentence
     */
    public static InvalidObjectException damaged(Exception failure) {
        boolean told = (failure instanceof IllegalArgumentException || failure instanceof InvalidProtocolBufferException) && failure.getMessage() != null;
        InvalidObjectException damaged = new InvalidObjectException("the stored model is damaged: "
            + (told ? failure.getMessage() : "a part of it is missing or inconsistent (" + failure.getClass().getSimpleName() + ")"));
        damaged.initCause(failure);
        return damaged;
    }

    /**
     * Reads a stored enum constant.
     *
     * @param type the enum
     * @param name what was stored
     * @param <E> the enum
     * @return the constant
     * @throws IllegalArgumentException if there is none of that name
     */
    public static <E extends Enum<E>> E constant(Class<E> type, String name) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(name)) {
                return constant;
            }
        }
        throw new IllegalArgumentException("the stored model has the " + type.getSimpleName() + " '" + name + "'; the model is damaged");
    }

    /**
     * Execution settings for storing.
     *
     * @param settings where the network ran
     * @return the message
     */
    public static ExecutionSettingsProto write(ExecutionSettings settings) {
        return ExecutionSettingsProto.newBuilder().setDevice(settings.device().name()).setThreads(settings.threads()).setMemoryBudgetBytes(settings.memoryBudgetBytes())
            .setDeviceId(settings.deviceId()).setDeterministic(settings.deterministic()).build();
    }

    /**
     * Reads stored execution settings.
     *
     * @param proto what {@link #write} gave
     * @return the settings
     * @throws IllegalArgumentException if they are damaged
     */
    public static ExecutionSettings read(ExecutionSettingsProto proto) {
        return new ExecutionSettings(ExecutionSettings.Device.of(proto.getDevice()), proto.getThreads(), proto.getMemoryBudgetBytes(), proto.getDeviceId(), proto.getDeterministic());
    }
}
