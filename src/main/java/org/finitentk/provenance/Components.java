package org.finitentk.provenance;

import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.config.ConfigurationData;
import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import com.oracle.labs.mlrg.olcut.config.property.SimpleProperty;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil.ProvenanceOrdering;
import java.util.List;
import org.finitentk.internal.util.Said;
import org.tribuo.provenance.ModelProvenance;

/**
 * The objects that a provenance describes, configured again by OLCUT. Only classes that OLCUT configures are admitted,
 * none that opens a database, and no URL that leaves this machine: whoever wrote the provenance does not choose what
 * this process connects to.
 */
final class Components {
    private final ProvenanceOrdering ordering;
    private final ConfigurationManager manager = new ConfigurationManager();

    private final FileLocations locations;

    Components(ModelProvenance provenance, FileLocations locations) {
        this.locations = locations;
        // First of all: ordering compares and hashes.
        LocalValues.require(provenance);
        ordering = ProvenanceUtil.orderProvenances(provenance);
        List<ConfigurationData> configuration = ProvenanceUtil.extractConfigurationFromOrdering(ordering);
        for (ConfigurationData data : configuration) {
            EarlierSettings.complete(
                    data,
                    MarshalledProvenance.requireClass(
                            data.getClassName(), Configurable.class, "one that OLCUT configures"));
            if (data.getClassName().startsWith("org.tribuo.data.sql.")) {
                throw new NotReproducibleException("the training data came from a database (" + data.getClassName()
                        + "); a provenance may not open one, and records nothing to check its content by");
            }
        }
        configuration.forEach(LocalValues::require);
        manager.addConfiguration(configuration);
        ordering.traversalOrder.forEach(this::relocate);
    }

    private void relocate(ConfiguredObjectProvenance provenance) {
        provenance.getConfiguredParameters().forEach((key, value) -> {
            String now = locations.property(value);
            if (now != null && !now.equals(value.toString())) {
                manager.overrideConfigurableProperty(name(provenance), key, new SimpleProperty(now));
            }
        });
    }

    private String name(ConfiguredObjectProvenance provenance) {
        Integer index = ordering.provenanceTracker.get(provenance);
        if (index == null) {
            throw new IllegalStateException("every provenance that is reachable from the root has an index");
        }
        return ProvenanceUtil.computeName(provenance, index);
    }

    FileLocations locations() {
        return locations;
    }

    /** All configured objects, the trainer's and the data's. */
    List<ConfiguredObjectProvenance> all() {
        return ordering.traversalOrder;
    }

    private static String reason(PropertyException e) {
        return e.getProperty() != null && String.valueOf(e.getMsg()).startsWith("Unknown property")
                ? "it has no setting '" + e.getProperty() + "'; if a later version recorded it, reproduce with that one"
                : Said.by(e);
    }

    /**
     * The object itself; the same one for the same provenance.
     *
     * @throws NotReproducibleException if OLCUT cannot make it, or it is of another kind
     */
    <C> C lookup(ConfiguredObjectProvenance provenance, Class<C> kind) {
        MarshalledProvenance.requireClass(provenance.getClassName(), kind, "what is needed here");
        try {
            return kind.cast(manager.lookup(name(provenance)));
        } catch (PropertyException e) {
            throw new NotReproducibleException(
                    "a " + provenance.getClassName() + " cannot be configured as recorded: " + reason(e), e);
        } catch (RuntimeException e) {
            throw new NotReproducibleException(
                    "a " + provenance.getClassName() + " cannot be made as recorded: " + e.getMessage(), e);
        }
    }
}
