package org.finitentk.regression;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;

/** Arrays of float64 as little-endian bytes of a message. */
final class Numbers {
    private Numbers() {
    }

    static ByteString write(double[] values) {
        return write(values.length, sink -> {
            for (double value : values) {
                sink.accept(value);
            }
        });
    }

    /** Writes exactly count values, which the source hands to the sink it is given. */
    static ByteString write(long count, Consumer<DoubleConsumer> source) {
        if (count > Integer.MAX_VALUE / Double.BYTES) {
            throw new IllegalStateException("an array of " + count + " numbers needs " + count * Double.BYTES + " bytes; a stored model can have at most 2 GiB");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) count * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        source.accept(bytes::putDouble);
        return UnsafeByteOperations.unsafeWrap(bytes.flip());
    }

    /** Reads an array whose length is known. */
    static double[] read(String what, ByteString bytes, long count) {
        if (bytes.size() != count * Double.BYTES) {
            throw new IllegalArgumentException("the stored " + what + " has " + bytes.size() + " bytes; expected " + count * Double.BYTES + ", so the model is damaged");
        }
        double[] values = new double[(int) count];
        bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
        return values;
    }

    /** Reads an array of any length. */
    static double[] read(String what, ByteString bytes) {
        return read(what, bytes, bytes.size() / Double.BYTES);
    }
}
