package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenancable;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.tribuo.Trainer;
import org.tribuo.regression.Regressor;

/** A way of adapting to a task that an experiment compares with others: any Tribuo trainer, under a name. */
final class AdaptationMethod implements Configurable, Provenancable<ConfiguredObjectProvenance> {
    @Config(mandatory = true, description = "What tables and pictures call it.")
    private String name;

    @Config(description = "A sentence about it for the report.")
    private String description = "";

    @Config(mandatory = true, description = "What is trained on each task.")
    private Trainer<Regressor> trainer;

    private AdaptationMethod() {}

    /**
     * A method.
     *
     * @param name what tables and pictures call it
     * @param description a sentence about it for the report
     * @param trainer what is trained on each task
     */
    public AdaptationMethod(String name, String description, Trainer<Regressor> trainer) {
        this.name = name;
        this.description = description;
        this.trainer = trainer;
        postConfig();
    }

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() ->
                Settings.require(!name.isBlank(), "name", "'" + name + "'", "a name that heads a row of the table"));
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
    public Trainer<Regressor> trainer() {
        return trainer;
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "AdaptationMethod");
    }
}
