package org.finitentk.internal.util;

import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that is computed when it is first asked for, and kept. Others wait while it is computed; if that fails, the
 * next one who asks tries again.
 *
 * @param <T> the value's type
 */
public final class Later<T> {
    private @Nullable Supplier<T> how;
    private @Nullable T value;

    private Later(@Nullable Supplier<T> how, @Nullable T value) {
        this.how = how;
        this.value = value;
    }

    /**
     * A value that takes work.
     *
     * @param <T> its type
     * @param how it is computed; forgotten afterwards, with all that it holds
     * @return the value, not computed yet
     */
    public static <T> Later<T> of(Supplier<T> how) {
        return new Later<>(how, null);
    }

    /**
     * A value that is known.
     *
     * @param <T> its type
     * @param value the value
     * @return the value
     */
    public static <T> Later<T> known(T value) {
        return new Later<>(null, value);
    }

    /** {@return the value} */
    public synchronized T get() {
        if (how != null) {
            value = how.get();
            how = null;
        }
        return Objects.requireNonNull(value);
    }
}
