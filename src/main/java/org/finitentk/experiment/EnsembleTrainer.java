package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.finitentk.backbone.RepeatableTrainer;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.tribuo.Model;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.ensemble.FullyWeightedVotingCombiner;
import org.tribuo.ensemble.WeightedEnsembleModel;
import org.tribuo.provenance.EnsembleModelProvenance;
import org.tribuo.provenance.ModelProvenance;

/**
 * Models of one trainer on the same data, each by random numbers of its own, whose probabilities are averaged
 * (Lakshminarayanan, Pritzel and Blundell 2017, "Simple and Scalable Predictive Uncertainty Estimation using Deep
 * Ensembles"). Networks that are fine-tuned differ by the order of the examples alone: with fewer examples than a step
 * takes, members are all the same. Tribuo's bagging draws the data with replacement instead, which costs a third of few
 * examples.
 */
final class EnsembleTrainer extends RepeatableTrainer<Label, WeightedEnsembleModel<Label>> {
    @Config(mandatory = true, description = "What trains a member; its calls must differ by their number.")
    private Trainer<Label> trainer;

    @Config(description = "How many models, at least 2.")
    private int members = 5;

    private EnsembleTrainer() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> Settings.requireAtLeast("members", members, 2));
    }

    @Override
    protected Supplier<WeightedEnsembleModel<Label>> fit(Call<Label> call) {
        return () -> {
            List<Model<Label>> trained = new ArrayList<>();
            List<ModelProvenance> provenances = new ArrayList<>();
            for (int i = 0; i < members; i++) {
                progressListener().progress("members", i, members);
                Model<Label> member =
                        trainer.train(call.examples(), Map.of(), Math.addExact(call.invocation() * members, i));
                trained.add(member);
                provenances.add(member.getProvenance());
            }
            progressListener().progress("members", members, members);
            EnsembleModelProvenance made = new EnsembleModelProvenance(
                    WeightedEnsembleModel.class.getName(),
                    OffsetDateTime.now(ZoneId.systemDefault()),
                    call.examples().getProvenance(),
                    call.provenance(),
                    call.runProvenance(),
                    new ListProvenance<>(provenances));
            return new WeightedEnsembleModel<>(
                    "ensemble",
                    made,
                    call.examples().getFeatureIDMap(),
                    call.examples().getOutputIDInfo(),
                    trained,
                    new FullyWeightedVotingCombiner());
        };
    }

    @Override
    public String toString() {
        return "EnsembleTrainer(trainer=" + trainer + ", members=" + members + ")";
    }
}
