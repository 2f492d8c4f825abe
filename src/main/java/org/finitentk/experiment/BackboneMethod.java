package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenancable;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.experiment.SplitCsvDataSource.Part;
import org.tribuo.Trainer;
import org.tribuo.regression.Regressor;

/**
 * A way of adapting a network that an experiment compares with others, for experiments with many networks: it makes a
 * trainer for each.
 */
interface BackboneMethod extends Configurable, Provenancable<ConfiguredObjectProvenance> {
    /**
     * What tables and pictures call it.
     *
     * @return not blank
     */
    String name();

    /**
     * A sentence about it for the report.
     *
     * @return may be empty
     */
    String description();

    /**
     * The rows that it learns from.
     *
     * @return those that the network was not trained on, unless the method says otherwise
     */
    default Part rows() {
        return Part.ADAPTATION;
    }

    /**
     * The network that it adapts.
     *
     * @return the trained one, unless the method says otherwise
     */
    default SourceNetwork network() {
        return SourceNetwork.TRAINED;
    }

    /**
     * Its trainer for one network.
     *
     * @param backbone the network
     * @return a new trainer
     */
    Trainer<Regressor> trainer(OnnxBackbone backbone);

    /**
     * The configuration.
     *
     * @return settings by name
     */
    @Override
    default ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "BackboneMethod");
    }
}
