package org.finitentk.internal.backbone;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.lang.ref.Cleaner;
import org.finitentk.internal.tribuo.ModelContent;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ParameterSelection;

/**
 * A share in an open network. Shares of the same model bytes, parameter selection and execution settings hold one
 * network between them; the last one to be closed closes it. A share that is forgotten is closed by the garbage
 * collector, so that Tribuo's cross-validation, which keeps every model and closes none, leaks nothing.
 */
final class SharedNetwork implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final NetworkPool.Entry entry;
    private final Cleaner.Cleanable cleanable;
    private volatile boolean closed;

    private SharedNetwork(NetworkPool.Entry entry) {
        this.entry = entry;
        // The method reference holds the entry only, never this object.
        this.cleanable = CLEANER.register(this, entry::release);
    }

    static SharedNetwork open(ModelContent content, ParameterSelection selection, ExecutionSettings settings) {
        return new SharedNetwork(NetworkPool.INSTANCE.acquire(content, selection, settings));
    }

    /** Opens a network from bytes that a fitted model stored. */
    static SharedNetwork open(String name, ByteString model, ParameterSelection selection, ExecutionSettings settings) {
        return open(ModelContent.of(name, model.toByteArray()), selection, settings);
    }

    /** The network; do not close it. */
    LinearizedNetwork network() {
        requireOpen();
        return entry.network();
    }

    /** Another share in the same network. */
    SharedNetwork share() {
        requireOpen();
        return new SharedNetwork(NetworkPool.INSTANCE.acquire(entry));
    }

    /** The model, self-contained. */
    ByteString model() {
        return UnsafeByteOperations.unsafeWrap(entry.model());
    }

    /** The hash of {@link #model()}. */
    String sha256() {
        return entry.sha256();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the network is closed; a model that was closed cannot be used again");
        }
    }

    /** Gives the share back; closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        cleanable.clean();
    }
}
