package org.finitentk.internal.store;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.InvalidObjectException;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.protos.ExecutionSettingsProto;

/** Checks that every stored model of this project goes through when it is read: stored models are untrusted. */
public final class StoredModel {
    private StoredModel() {}

    /**
     * Refuses versions of other releases.
     *
     * @param className the stored class
     * @param version the stored version
     * @param current the newest version that is known
     * @throws UnknownVersionException if the version is unknown
     */
    public static void requireVersion(String className, int version, int current) {
        if (version < 0 || version > current) {
            throw new UnknownVersionException("the stored " + className + " has version " + version
                    + "; this release reads versions 0 to " + current);
        }
    }

    /**
     * For a model in Java's serialization, which takes what it reads as it comes: parts may be missing or be at odds
     * with each other.
     *
     * @param failure what happened when the parts were looked at
     * @return says so in one sentence
     */
    public static InvalidObjectException damaged(Exception failure) {
        boolean told =
                (failure instanceof IllegalArgumentException || failure instanceof InvalidProtocolBufferException)
                        && failure.getMessage() != null;
        InvalidObjectException damaged = new InvalidObjectException("the stored model is damaged: "
                + (told
                        ? failure.getMessage()
                        : "a part of it is missing or inconsistent ("
                                + failure.getClass().getSimpleName() + ")"));
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
        throw new IllegalArgumentException(
                "the stored model has the " + type.getSimpleName() + " '" + name + "'; the model is damaged");
    }

    /**
     * Execution settings for storing.
     *
     * @param settings where the network ran
     * @return the message
     */
    public static ExecutionSettingsProto write(ExecutionSettings settings) {
        return ExecutionSettingsProto.newBuilder()
                .setDevice(settings.device().name())
                .setThreads(settings.threads())
                .setMemoryBudgetBytes(settings.memoryBudgetBytes())
                .setDeviceId(settings.deviceId())
                .setDeterministic(settings.deterministic())
                .build();
    }

    /**
     * Reads stored execution settings.
     *
     * @param proto what {@link #write} gave
     * @return the settings
     * @throws IllegalArgumentException if they are damaged
     */
    public static ExecutionSettings read(ExecutionSettingsProto proto) {
        return new ExecutionSettings(
                ExecutionSettings.Device.of(proto.getDevice()),
                proto.getThreads(),
                proto.getMemoryBudgetBytes(),
                proto.getDeviceId(),
                proto.getDeterministic());
    }
}
