package org.finitentk.provenance;

import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.config.ConfigurationData;
import com.oracle.labs.mlrg.olcut.config.property.SimpleProperty;
import java.util.List;
import org.finitentk.backbone.LastActivation;
import org.finitentk.backbone.NetworkTrainer;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.OutputOrder;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.classification.FiniteNTKMultiLabelTrainer;
import org.finitentk.classification.MapPrior;
import org.finitentk.classification.MeanFieldOptimizer;
import org.finitentk.finetune.FineTuningClassificationTrainer;
import org.finitentk.onnx.WeightRule;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.regression.MeanTreatment;
import org.finitentk.regression.RepeatedRows;
import org.finitentk.regression.VarianceScale;

/**
 * What a setting means in a provenance that does not have it. A version that recorded a provenance before the setting
 * existed did one thing; that is not always today's default.
 *
 * <p>Whoever adds a {@code @Config} field whose default computes something else than before adds a row here: the class,
 * the field's name, and the value, as a configuration file writes it, under which the model is what it was. Subclasses
 * share the row. A field whose default computes what was computed before needs none.
 */
final class EarlierSettings {
    /**
     * A setting.
     *
     * @param type the class that has the field
     * @param property the field's name
     * @param before the value of those who did not know it
     */
    record Row(Class<? extends Configurable> type, String property, String before) {}

    static final List<Row> ROWS = List.of(
            new Row(OnnxBackbone.class, "weightRule", WeightRule.POSITION.name()),
            new Row(NetworkTrainer.class, "outputOrder", OutputOrder.SORTED.name()),
            new Row(FiniteNTKRegressionTrainer.class, "repeatedRows", RepeatedRows.KEEP.name()),
            new Row(FiniteNTKClassificationTrainer.class, "lastActivation", LastActivation.KEPT.name()),
            new Row(FiniteNTKClassificationTrainer.class, "oppositeSigmoid", LastActivation.KEPT.name()),
            new Row(FiniteNTKClassificationTrainer.class, "mapPrior", MapPrior.GIVEN.name()),
            new Row(FiniteNTKClassificationTrainer.class, "meanFieldOptimizer", MeanFieldOptimizer.ADAM.name()),
            new Row(FiniteNTKClassificationTrainer.class, "mostWeights", "0"),
            new Row(FiniteNTKClassificationTrainer.class, "quadratureDraws", "512"),
            new Row(FiniteNTKMultiLabelTrainer.class, "lastActivation", LastActivation.KEPT.name()),
            new Row(FiniteNTKMultiLabelTrainer.class, "oppositeSigmoid", LastActivation.KEPT.name()),
            new Row(FiniteNTKMultiLabelTrainer.class, "mapPrior", MapPrior.GIVEN.name()),
            new Row(FiniteNTKMultiLabelTrainer.class, "meanFieldOptimizer", MeanFieldOptimizer.ADAM.name()),
            new Row(FiniteNTKMultiLabelTrainer.class, "mostWeights", "0"),
            new Row(FiniteNTKMultiLabelTrainer.class, "quadratureDraws", "512"),
            new Row(FineTuningClassificationTrainer.class, "lastActivation", LastActivation.KEPT.name()),
            new Row(FineTuningClassificationTrainer.class, "oppositeSigmoid", LastActivation.KEPT.name()),
            new Row(FiniteNTKRegressionTrainer.class, "meanTreatment", MeanTreatment.PLUG_IN.name()),
            new Row(FiniteNTKRegressionTrainer.class, "varianceScale", VarianceScale.EVIDENCE.name()));

    private EarlierSettings() {}

    /** Gives a recorded object the settings that it lacks. */
    static void complete(ConfigurationData data, Class<? extends Configurable> type) {
        for (Row row : ROWS) {
            if (row.type().isAssignableFrom(type) && !data.contains(row.property())) {
                data.add(row.property(), new SimpleProperty(row.before()));
            }
        }
    }
}
