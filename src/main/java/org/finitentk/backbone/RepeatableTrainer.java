package org.finitentk.backbone;

import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.Map;
import java.util.function.Supplier;
import org.finitentk.network.ProgressListener;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Trainer;
import org.tribuo.WeightedExamples;
import org.tribuo.provenance.TrainerProvenance;
import org.tribuo.provenance.impl.TrainerProvenanceImpl;

/**
 * The skeleton of all trainers of this project: Tribuo's count of invocations, and somebody who is told how far
 * training is. The n-th call of train is repeated by {@code setInvocationCount(n)} and another call, whatever was
 * trained in between. Example weights count. Safe for use from several threads.
 *
 * @param <T> Regressor or Label
 * @param <M> the models
 */
public abstract class RepeatableTrainer<T extends Output<T>, M extends Model<T>>
        implements Trainer<T>, WeightedExamples {
    private int invocationCount;
    private volatile ProgressListener progressListener = ProgressListener.NONE;

    /** For subclasses. */
    protected RepeatableTrainer() {}

    /**
     * One call of train.
     *
     * @param examples at least one, all with known outputs
     * @param runProvenance what the caller adds to the model's provenance
     * @param provenance the trainer's
     * @param invocation the number of earlier calls
     * @param <T> Regressor or Label
     */
    public record Call<T extends Output<T>>(
            Dataset<T> examples, Map<String, Provenance> runProvenance, TrainerProvenance provenance, int invocation) {}

    /**
     * How one model is trained with the configuration as it is. It is asked for together with this trainer's
     * provenance, while nobody can change the one without the other.
     *
     * @param call what is trained on
     * @return makes the model
     */
    protected abstract Supplier<M> fit(Call<T> call);

    /**
     * Who is told how far training is.
     *
     * @return the listener
     */
    public final ProgressListener progressListener() {
        return progressListener;
    }

    /**
     * Has somebody told how far training is; not part of the configuration.
     *
     * @param listener the listener, {@link ProgressListener#NONE} for nobody
     */
    public final void setProgressListener(ProgressListener listener) {
        progressListener = listener;
    }

    @Override
    public final M train(Dataset<T> examples) {
        return train(examples, Map.of());
    }

    @Override
    public final M train(Dataset<T> examples, Map<String, Provenance> runProvenance) {
        return train(examples, runProvenance, INCREMENT_INVOCATION_COUNT);
    }

    @Override
    public final M train(Dataset<T> examples, Map<String, Provenance> runProvenance, int newInvocationCount) {
        requireUsable(examples);
        Supplier<M> fit;
        synchronized (this) {
            if (newInvocationCount != INCREMENT_INVOCATION_COUNT) {
                setInvocationCount(newInvocationCount);
            }
            fit = fit(new Call<>(examples, runProvenance, getProvenance(), invocationCount));
            invocationCount++;
        }
        return fit.get();
    }

    /** Refuses data that no trainer can use: an empty dataset, and unknown outputs. */
    private static void requireUsable(Dataset<?> data) {
        if (data.size() == 0) {
            throw new IllegalArgumentException("the dataset is empty; expected at least one example");
        }
        long unknown = data.getOutputInfo().getUnknownCount();
        if (unknown > 0) {
            throw new IllegalArgumentException("the dataset has " + unknown
                    + " examples with unknown outputs; remove them, training needs the outputs");
        }
    }

    @Override
    public final synchronized int getInvocationCount() {
        return invocationCount;
    }

    @Override
    public final synchronized void setInvocationCount(int newInvocationCount) {
        if (newInvocationCount < 0) {
            throw new IllegalArgumentException(
                    "the invocation count is " + newInvocationCount + "; expected 0 or more");
        }
        invocationCount = newInvocationCount;
    }

    @Override
    public final TrainerProvenance getProvenance() {
        return new TrainerProvenanceImpl(this);
    }
}
