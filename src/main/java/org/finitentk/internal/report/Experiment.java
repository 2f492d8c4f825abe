package org.finitentk.internal.report;

import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenancable;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import java.io.IOException;
import java.nio.file.Path;
import org.finitentk.network.ProgressListener;

/** An experiment that is wholly described by its configuration. */
public interface Experiment extends Configurable, Provenancable<ConfiguredObjectProvenance> {
    /**
     * The folder that the results go to.
     *
     * @return as configured
     */
    Path output();

    /**
     * Carries the experiment out and writes its results: report.html, results.csv, results.json, pictures and
     * provenance.
     *
     * @param progress told how far it is
     * @return the results
     * @throws IOException if they cannot be written
     * @throws IllegalArgumentException if the data or the configuration does not fit the methods
     */
    ExperimentReport run(ProgressListener progress) throws IOException;

    /**
     * The configuration.
     *
     * @return settings by name
     */
    @Override
    default ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "Experiment");
    }
}
