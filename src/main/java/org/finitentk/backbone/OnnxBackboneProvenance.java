package org.finitentk.backbone;

import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.Map;

/** The provenance of an {@link OnnxBackbone}: its configuration and the SHA-256 of the model. */
public final class OnnxBackboneProvenance extends FileProvenance {
    private static final long serialVersionUID = 1L;

    /** Key of the model's SHA-256. */
    public static final String RESOURCE_HASH = "resource-hash";

    private static final String HOST = "Backbone";

    OnnxBackboneProvenance(OnnxBackbone host, String sha256) {
        super(host, HOST, Map.of(RESOURCE_HASH, sha256));
    }

    /**
     * Rebuilds a provenance that was written; OLCUT calls it.
     *
     * @param map configured and instance values
     */
    public OnnxBackboneProvenance(Map<String, Provenance> map) {
        super(map);
        sha256();
    }

    /**
     * The model's SHA-256 when the provenance was taken.
     *
     * @return hexadecimal digits
     */
    public String sha256() {
        return sha256(RESOURCE_HASH);
    }
}
