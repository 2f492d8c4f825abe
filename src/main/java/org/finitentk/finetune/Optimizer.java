package org.finitentk.finetune;

import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenancable;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;

/**
 * A rule that moves parameters against a gradient. An optimizer holds only its settings and is immutable once made;
 * what it remembers from step to step lives in the run that {@link #start} makes, so one optimizer may serve many runs
 * at once.
 */
public interface Optimizer extends Configurable, Provenancable<ConfiguredObjectProvenance> {
    /**
     * Starts one training run with a fresh state.
     *
     * @param parameterCount P
     * @param totalSteps how many steps the run will take, for the learning rate's schedule
     * @return the run
     */
    Run start(int parameterCount, long totalSteps);

    /**
     * The configuration.
     *
     * @return settings by name
     */
    @Override
    default ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "Optimizer");
    }

    /** One training run's state: arrays of length P in float64. Not thread safe. */
    interface Run {
        /**
         * Takes one step.
         *
         * @param parameters θ, changed in place
         * @param gradient ∂loss/∂θ; not changed
         */
        void step(double[] parameters, double[] gradient);
    }
}
