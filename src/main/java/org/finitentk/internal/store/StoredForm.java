package org.finitentk.internal.store;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.InvalidObjectException;

/**
 * The form in which Java's serialization writes a part of a model: the protobuf message, so that both serializations
 * are one. A subclass is serializable and holds the bytes; this class is not, so that the stream names the subclass
 * alone.
 */
public abstract class StoredForm {
    /** For subclasses. */
    protected StoredForm() {}

    /**
     * Reads the message.
     *
     * @return the part of the model that wrote it
     * @throws InvalidProtocolBufferException if the bytes are no such message
     * @throws IllegalArgumentException if its content is inconsistent
     */
    protected abstract Object read() throws InvalidProtocolBufferException;

    /**
     * What Java's serialization takes in place of this object.
     *
     * @return the part of the model
     * @throws InvalidObjectException if the message is damaged
     */
    protected final Object readResolve() throws InvalidObjectException {
        try {
            return read();
        } catch (InvalidProtocolBufferException | RuntimeException e) {
            throw StoredModel.damaged(e);
        }
    }
}
