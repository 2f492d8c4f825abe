package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenancable;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import org.finitentk.internal.tribuo.Configured;
import org.finitentk.internal.util.Settings;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.classification.Label;

/** Training data of a classification experiment, under a name. Tasks of one group are summarized together. */
final class ClassificationTask implements Configurable, Provenancable<ConfiguredObjectProvenance> {
    @Config(mandatory = true, description = "What tables call it; unique.")
    private String name;

    @Config(mandatory = true, description = "What it is summarized under.")
    private String group;

    @Config(mandatory = true, description = "The training data.")
    private ConfigurableDataSource<Label> training;

    private ClassificationTask() {}

    /** Checks the configuration; OLCUT calls it. */
    @Override
    public void postConfig() {
        Configured.check(() -> {
            Settings.require(!name.isBlank(), "name", "'" + name + "'", "a name that heads a column of the table");
            Settings.require(!group.isBlank(), "group", "'" + group + "'", "a name");
        });
    }

    String name() {
        return name;
    }

    String group() {
        return group;
    }

    ConfigurableDataSource<Label> training() {
        return training;
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "ClassificationTask");
    }
}
