package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenancable;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;

/**
 * A way of classifying that an experiment compares with others: any Tribuo trainer whose models give probabilities,
 * under a name.
 */
final class ClassificationMethod implements Configurable, Provenancable<ConfiguredObjectProvenance> {
    @Config(mandatory = true, description = "What tables and pictures call it.")
    private String name;

    @Config(description = "A sentence about it for the report.")
    private String description = "";

    @Config(mandatory = true, description = "What is trained on each task.")
    private Trainer<Label> trainer;

    @Config(description = "Tasks of more training examples than this are left out for this method; 0 for none.")
    private int mostExamples;

    private ClassificationMethod() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.require(!name.isBlank(), "name", "'" + name + "'", "a name that heads a row of the table");
            Settings.requireAtLeast("mostExamples", mostExamples, 0);
        });
    }

    /**
     * Its name.
     *
     * @return not blank
     */
    public String name() {
        return name;
    }

    /**
     * A sentence about it.
     *
     * @return may be empty
     */
    public String description() {
        return description;
    }

    /**
     * What is trained on each task.
     *
     * @return the trainer
     */
    public Trainer<Label> trainer() {
        return trainer;
    }

    /** Whether it takes part in a task of so many training examples. */
    boolean takes(int examples) {
        return mostExamples == 0 || examples <= mostExamples;
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "ClassificationMethod");
    }
}
