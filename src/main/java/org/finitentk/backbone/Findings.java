package org.finitentk.backbone;

import ai.onnxruntime.OrtEnvironment;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.DoubleProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.LongProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What training found, for the model's provenance: single primitive values under their names, beside those that the caller of train gave. */
public final class Findings {
    private final Map<String, Provenance> values;

    /**
     * Starts with what every model of ours records: backbone-sha256, parameter-count, onnxruntime-version and execution-provider.
     *
     * @param runProvenance what the caller of train gave
     * @param backbone the backbone, whose network is open
     * @param parameterCount P
     */
    public Findings(Map<String, Provenance> runProvenance, OnnxBackbone backbone, long parameterCount) {
        values = new HashMap<>(runProvenance);
        add("backbone-sha256", backbone.getProvenance().sha256());
        add("parameter-count", parameterCount);
        // Sessions are open by now, so the environment exists and is not created here.
        add("onnxruntime-version", OrtEnvironment.getEnvironment().getVersion());
        add("execution-provider", backbone.executionSettings().device().name());
    }

    /**
     * Adds a word.
     *
     * @param name the key
     * @param value the value
     * @return this
     */
    public Findings add(String name, String value) {
        values.put(name, new StringProvenance(name, value));
        return this;
    }

    /**
     * Adds a count.
     *
     * @param name the key
     * @param value the value
     * @return this
     */
    public Findings add(String name, long value) {
        values.put(name, new LongProvenance(name, value));
        return this;
    }

    /**
     * Adds a number.
     *
     * @param name the key
     * @param value the value
     * @return this
     */
    public Findings add(String name, double value) {
        values.put(name, new DoubleProvenance(name, value));
        return this;
    }

    /**
     * The instance values of a ModelProvenance.
     *
     * @return all values
     */
    public Map<String, Provenance> values() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
}
