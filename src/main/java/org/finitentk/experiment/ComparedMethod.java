package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenancable;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.tribuo.Trainer;

/** A method that an experiment compares with others: any Tribuo trainer of the experiment's kind, under a name. */
final class ComparedMethod implements Configurable, Provenancable<ConfiguredObjectProvenance> {
    @Config(mandatory = true, description = "What tables and pictures call it.")
    private String name;

    @Config(description = "A sentence about it for the report.")
    private String description = "";

    @Config(mandatory = true, description = "What is trained.")
    private Trainer<?> trainer;

    private ComparedMethod() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() ->
                Settings.require(!name.isBlank(), "name", "'" + name + "'", "a name that heads a row of the table"));
    }

    String name() {
        return name;
    }

    String description() {
        return description;
    }

    Trainer<?> trainer() {
        return trainer;
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "ComparedMethod");
    }
}
