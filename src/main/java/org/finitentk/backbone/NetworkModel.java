package org.finitentk.backbone;

import com.google.protobuf.ByteString;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tribuo.Example;
import org.tribuo.Excuse;
import org.tribuo.Output;

/**
 * The skeleton of the models that have a network: what was fitted on it, as a Tribuo model. It has no field of its own.
 *
 * @param <T> Regressor or Label
 */
public abstract class NetworkModel<T extends Output<T>> extends StorableModel<T> implements AutoCloseable {
    private static final long serialVersionUID = 1L;

    /**
     * A model of these metadata.
     *
     * @param metadata what Tribuo asks of every model
     */
    protected NetworkModel(Metadata<T> metadata) {
        super(metadata);
    }

    /**
     * A network has no linear weights by feature.
     *
     * @param n ignored
     * @return an empty map
     */
    @Override
    public final Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
        return Map.of();
    }

    /**
     * A network does not explain its predictions.
     *
     * @param example ignored
     * @return empty
     */
    @Override
    public final Optional<Excuse<T>> getExcuse(Example<T> example) {
        return Optional.empty();
    }

    /**
     * Files that were read to make the training examples, such as a tokenizer, which the model has in it, so that
     * others like them can be made when the files are gone.
     *
     * @return their bytes by their SHA-256 in lower-case hexadecimal
     */
    public abstract Map<String, ByteString> keptFiles();

    @Override
    protected final void replaced() {
        close();
    }

    /** Gives the network back, so that it is closed when nobody else uses it; the next prediction opens it again. */
    @Override
    public abstract void close();
}
