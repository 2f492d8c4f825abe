package org.finitentk.backbone;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.onnxruntime.OrtEnvironment;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.DoubleProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.LongProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.finitentk.internal.util.Hashes;
import org.finitentk.internal.util.ProjectVersion;

/**
 * What training found, for the model's provenance: single primitive values under their names, beside those that the
 * caller of train gave.
 */
final class Findings {
    private static final int LONGEST_LIST = 10_000;

    private final Map<String, Provenance> values;

    /**
     * Starts with what every model of ours records: finite-ntk-version, backbone-sha256, parameter-count,
     * onnxruntime-version and execution-provider.
     */
    Findings(Map<String, Provenance> runProvenance, OnnxBackbone backbone, long parameterCount) {
        values = new HashMap<>(runProvenance);
        add(ProjectVersion.KEY, ProjectVersion.current());
        add("backbone-sha256", backbone.getProvenance().sha256());
        add("parameter-count", parameterCount);
        // Sessions are open by now, so the environment exists and is not created here.
        add("onnxruntime-version", OrtEnvironment.getEnvironment().getVersion());
        add("execution-provider", backbone.executionSettings().device().name());
    }

    /**
     * Adds which feature is which element of the network's input: "input-features", a JSON array of names, or how many
     * there are and the array's SHA-256 if it is long.
     */
    Findings add(InputMapping mapping) {
        return add("input-features", describe(mapping));
    }

    static String describe(InputMapping mapping) {
        String features = mapping.describe();
        return features.length() <= LONGEST_LIST
                ? features
                : mapping.features().size() + " features, SHA-256 of their JSON array "
                        + Hashes.sha256(features.getBytes(UTF_8));
    }

    Findings add(String name, String value) {
        values.put(name, new StringProvenance(name, value));
        return this;
    }

    Findings add(String name, long value) {
        values.put(name, new LongProvenance(name, value));
        return this;
    }

    Findings add(String name, double value) {
        values.put(name, new DoubleProvenance(name, value));
        return this;
    }

    /** The instance values of a ModelProvenance. */
    Map<String, Provenance> values() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
}
