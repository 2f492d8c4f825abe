package org.finitentk.internal.tabular;

import java.util.List;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.classification.ClassificationSettings;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.classification.FiniteNTKMultiLabelTrainer;
import org.finitentk.internal.table.Columns;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.finitentk.regression.RegressionSettings;
import org.finitentk.regression.VarianceKind;
import org.tribuo.Output;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.regression.Regressor;

/**
 * This project's own trainers, by what was said of outputs.
 *
 * @param backbone the network
 * @param outputs what its outputs have to do with the targets
 */
record ProjectTrainers(OnnxBackbone backbone, OutputChoice outputs) {
    /** The task of data with such outputs. */
    static Task task(Class<? extends Output<?>> kind) {
        if (kind.equals(Regressor.class)) {
            return Task.REGRESSION;
        }
        if (kind.equals(Label.class)) {
            return Task.CLASSIFICATION;
        }
        if (kind.equals(MultiLabel.class)) {
            return Task.MULTI_LABEL;
        }
        throw new IllegalArgumentException("the data have outputs of " + kind.getName()
                + "; expected numbers (Regressor), labels (Label) or several labels (MultiLabel)");
    }

    /**
     * The trainer of a task.
     *
     * @param task not AUTO
     */
    Trainer<?> of(Task task) {
        String positive = outputs.positiveLabel();
        if (positive != null && task != Task.CLASSIFICATION) {
            throw new IllegalArgumentException("a positive label was named ('" + positive + "'), but the targets are "
                    + (task == Task.MULTI_LABEL ? "labels of which a row may have several" : "numbers")
                    + "; expected --task classification, or no --positive-label");
        }
        if (outputs.inference() != null && task == Task.REGRESSION) {
            throw new IllegalArgumentException("the inference " + outputs.inference()
                    + " was asked for, which is how labels are learned, but the targets are numbers; expected --task "
                    + "classification, or no --inference");
        }
        return switch (task) {
            case REGRESSION -> regression();
            case CLASSIFICATION -> classification();
            case MULTI_LABEL -> new FiniteNTKMultiLabelTrainer(backbone, classificationSettings(), outputs.names());
            case AUTO -> throw new IllegalArgumentException("the task is AUTO; expected one that was decided");
        };
    }

    private Trainer<Regressor> regression() {
        RegressionSettings settings = RegressionSettings.DEFAULT;
        return new FiniteNTKRegressionTrainer(
                backbone,
                settings.withOutputs(outputs.structure(), settings.outputs().shared()),
                VarianceKind.OBSERVATION,
                outputs.names());
    }

    private Trainer<Label> classification() {
        String positive = outputs.positiveLabel();
        if (positive == null) {
            return new FiniteNTKClassificationTrainer(backbone, classificationSettings(), outputs.names());
        }
        if (!outputs.names().isEmpty()) {
            throw new IllegalArgumentException("a positive label was named ('" + positive + "'), and outputs, too ("
                    + Columns.quoted(outputs.names()) + "); expected one or the other");
        }
        return new FiniteNTKClassificationTrainer(backbone, classificationSettings(), List.of(positive));
    }

    private ClassificationSettings classificationSettings() {
        ClassificationSettings settings = outputs.inference() == null
                ? ClassificationSettings.DEFAULT
                : ClassificationSettings.DEFAULT.with(outputs.inference());
        return settings.withStructure(
                outputs.classes(), settings.outputs().shared(), settings.prior().logits());
    }
}
