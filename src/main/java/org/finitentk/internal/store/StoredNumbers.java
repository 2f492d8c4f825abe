package org.finitentk.internal.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;

/** Arrays of float64 as little-endian bytes of a message. */
public final class StoredNumbers {
    private StoredNumbers() {}

    /**
     * Writes an array.
     *
     * @param values the numbers
     * @return their bytes
     * @throws IllegalStateException if they have more than 2 GiB
     */
    public static ByteString write(double[] values) {
        return write(values.length, sink -> {
            for (double value : values) {
                sink.accept(value);
            }
        });
    }

    /**
     * Writes numbers that are no array of their own.
     *
     * @param count how many
     * @param source hands exactly that many to the sink that it is given
     * @return their bytes
     * @throws IllegalStateException if they have more than 2 GiB
     */
    public static ByteString write(long count, Consumer<DoubleConsumer> source) {
        if (count > Integer.MAX_VALUE / Double.BYTES) {
            throw new IllegalStateException("an array of " + count + " numbers needs " + count * Double.BYTES
                    + " bytes; a stored model can have at most 2 GiB");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) count * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        source.accept(bytes::putDouble);
        return UnsafeByteOperations.unsafeWrap(bytes.flip());
    }

    /**
     * Reads an array whose length is known.
     *
     * @param what names it in messages
     * @param bytes what was written
     * @param count how many numbers it must have
     * @return the numbers
     * @throws IllegalArgumentException if it has another length
     */
    public static double[] read(String what, ByteString bytes, long count) {
        if (bytes.size() != count * Double.BYTES) {
            throw new IllegalArgumentException("the stored " + what + " has " + bytes.size() + " bytes; expected "
                    + count * Double.BYTES + ", so the model is damaged");
        }
        double[] values = new double[(int) count];
        bytes.asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asDoubleBuffer()
                .get(values);
        return values;
    }

    /**
     * Reads an array of any length.
     *
     * @param what names it in messages
     * @param bytes what was written
     * @return the numbers
     * @throws IllegalArgumentException if the bytes are no whole number of them
     */
    public static double[] read(String what, ByteString bytes) {
        return read(what, bytes, bytes.size() / Double.BYTES);
    }
}
