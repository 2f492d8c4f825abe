package org.finitentk.backbone;

import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import com.oracle.labs.mlrg.olcut.provenance.impl.SkeletalConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.HashProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The provenance of an {@link OnnxBackbone}: its configuration and the SHA-256 of the model. */
public final class OnnxBackboneProvenance extends SkeletalConfiguredObjectProvenance {
    private static final long serialVersionUID = 1L;

    /** Key of the model's SHA-256. */
    public static final String RESOURCE_HASH = "resource-hash";

    private static final String HOST = "Backbone";

    /** The SHA-256 of the model file. */
    private final HashProvenance hash;

    OnnxBackboneProvenance(OnnxBackbone host, String sha256) {
        super(host, HOST);
        hash = new HashProvenance(ProvenanceUtil.HashType.SHA256, RESOURCE_HASH, sha256);
    }

    /**
     * Rebuilds a provenance that was written; OLCUT calls it.
     *
     * @param map configured and instance values
     */
    public OnnxBackboneProvenance(Map<String, Provenance> map) {
        this(split(map));
    }

    private OnnxBackboneProvenance(ExtractedInfo info) {
        super(info);
        hash = checkAndExtractProvenance(info, RESOURCE_HASH, HashProvenance.class, OnnxBackboneProvenance.class.getSimpleName());
    }

    private static ExtractedInfo split(Map<String, Provenance> map) {
        String name = OnnxBackboneProvenance.class.getSimpleName();
        Map<String, Provenance> configured = new HashMap<>(map);
        String className = ObjectProvenance.checkAndExtractProvenance(configured, CLASS_NAME, StringProvenance.class, name).getValue();
        String hostName = ObjectProvenance.checkAndExtractProvenance(configured, HOST_SHORT_NAME, StringProvenance.class, name).getValue();
        Map<String, PrimitiveProvenance<?>> instance = new HashMap<>();
        instance.put(RESOURCE_HASH, ObjectProvenance.checkAndExtractProvenance(configured, RESOURCE_HASH, HashProvenance.class, name));
        return new ExtractedInfo(className, hostName, configured, instance);
    }

    /**
     * The model's SHA-256 when the provenance was taken.
     *
     * @return hexadecimal digits
     */
    public String sha256() {
        return hash.getValue();
    }

    @Override
    public Map<String, PrimitiveProvenance<?>> getInstanceValues() {
        Map<String, PrimitiveProvenance<?>> values = super.getInstanceValues();
        values.put(RESOURCE_HASH, hash);
        return values;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OnnxBackboneProvenance that && super.equals(other) && hash.equals(that.hash);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), hash);
    }
}
