package org.finitentk.testing;

import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Excuse;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.Trainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.provenance.TrainerProvenance;
import org.tribuo.provenance.impl.TrainerProvenanceImpl;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/** A Tribuo trainer whose model predicts what a function says of the example, so that tests know every number. */
public final class FixedPredictions implements Trainer<Regressor> {
    private static final RegressionFactory FACTORY = new RegressionFactory();
    private final Function<Example<Regressor>, Regressor> rule;
    private int invocations;

    public FixedPredictions(Function<Example<Regressor>, Regressor> rule) {
        this.rule = rule;
    }

    /** A dataset of the given outputs; the only feature of example i, "x", has the value i + 1. */
    public static MutableDataset<Regressor> dataset(List<Regressor> outputs) {
        List<Example<Regressor>> examples = new ArrayList<>();
        for (Regressor output : outputs) {
            examples.add(new ArrayExample<>(output, new String[] {"x"}, new double[] {examples.size() + 1}));
        }
        return new MutableDataset<>(
                examples,
                new SimpleDataSourceProvenance("made by a test", OffsetDateTime.now(ZoneOffset.UTC), FACTORY),
                FACTORY);
    }

    /** A model that predicts output i of the list for example i of {@link #dataset}. */
    public static Model<Regressor> model(Dataset<Regressor> data, List<Regressor> predictions) {
        return new FixedPredictions(
                        e -> predictions.get((int) e.iterator().next().getValue() - 1))
                .train(data);
    }

    @Override
    public Model<Regressor> train(
            Dataset<Regressor> examples, Map<String, Provenance> runProvenance, int invocationCount) {
        invocations++;
        ModelProvenance provenance = new ModelProvenance(
                "FixedModel",
                OffsetDateTime.now(ZoneOffset.UTC),
                examples.getProvenance(),
                getProvenance(),
                runProvenance);
        return new FixedModel(examples, provenance, rule);
    }

    @Override
    public Model<Regressor> train(Dataset<Regressor> examples, Map<String, Provenance> runProvenance) {
        return train(examples, runProvenance, INCREMENT_INVOCATION_COUNT);
    }

    @Override
    public int getInvocationCount() {
        return invocations;
    }

    @Override
    public TrainerProvenance getProvenance() {
        return new TrainerProvenanceImpl(this);
    }

    private static final class FixedModel extends Model<Regressor> {
        private final transient Function<Example<Regressor>, Regressor> rule;

        FixedModel(Dataset<Regressor> data, ModelProvenance provenance, Function<Example<Regressor>, Regressor> rule) {
            super("fixed", provenance, data.getFeatureIDMap(), data.getOutputIDInfo(), false);
            this.rule = rule;
        }

        @Override
        public Prediction<Regressor> predict(Example<Regressor> example) {
            return new Prediction<>(rule.apply(example), 1, example);
        }

        @Override
        public Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
            return Map.of();
        }

        @Override
        public Optional<Excuse<Regressor>> getExcuse(Example<Regressor> example) {
            return Optional.empty();
        }

        @Override
        protected Model<Regressor> copy(String newName, ModelProvenance newProvenance) {
            throw new UnsupportedOperationException("no test copies this model");
        }
    }
}
