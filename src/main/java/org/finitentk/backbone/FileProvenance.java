package org.finitentk.backbone;

import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil.HashType;
import com.oracle.labs.mlrg.olcut.provenance.impl.SkeletalConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.HashProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The configuration of an object that was made from files, and the SHA-256 of each. Subclasses need a public
 * constructor that takes a map, which OLCUT calls.
 */
public abstract class FileProvenance extends SkeletalConfiguredObjectProvenance {
    private static final long serialVersionUID = 1L;
    /** What the names of all hashes end with, as Tribuo's do. */
    private static final String SUFFIX = "resource-hash";

    /** The hashes by name. */
    private final TreeMap<String, HashProvenance> hashes;

    /**
     * Takes the provenance.
     *
     * @param host the object
     * @param hostType what it is in a word
     * @param sha256 hashes in hexadecimal by name: "resource-hash", or "NAME-resource-hash" for the file of the setting
     *     whose name starts with NAME
     * @param <T> the object's type
     */
    protected <T extends Configurable> FileProvenance(T host, String hostType, Map<String, String> sha256) {
        super(host, hostType);
        hashes = new TreeMap<>();
        sha256.forEach((name, value) -> hashes.put(name, new HashProvenance(HashType.SHA256, name, value)));
    }

    /**
     * Rebuilds a provenance that was written.
     *
     * @param map configured and instance values
     */
    protected FileProvenance(Map<String, Provenance> map) {
        this(split(map));
    }

    private FileProvenance(ExtractedInfo info) {
        super(info);
        hashes = new TreeMap<>();
        info.instanceValues.forEach((name, value) -> {
            if (value instanceof HashProvenance hash) {
                hashes.put(name, hash);
            }
        });
    }

    private static ExtractedInfo split(Map<String, Provenance> map) {
        String name = FileProvenance.class.getSimpleName();
        Map<String, Provenance> configured = new HashMap<>(map);
        String className = ObjectProvenance.checkAndExtractProvenance(
                        configured, CLASS_NAME, StringProvenance.class, name)
                .getValue();
        String hostName = ObjectProvenance.checkAndExtractProvenance(
                        configured, HOST_SHORT_NAME, StringProvenance.class, name)
                .getValue();
        Map<String, PrimitiveProvenance<?>> instance = new HashMap<>();
        for (String key : map.keySet()) {
            if (key.endsWith(SUFFIX)) {
                instance.put(
                        key, ObjectProvenance.checkAndExtractProvenance(configured, key, HashProvenance.class, name));
            }
        }
        return new ExtractedInfo(className, hostName, configured, instance);
    }

    /**
     * A file's SHA-256 when the provenance was taken.
     *
     * @param name of the hash
     * @return hexadecimal digits
     * @throws IllegalArgumentException if there is none of that name
     */
    protected final String sha256(String name) {
        HashProvenance hash = hashes.get(name);
        if (hash == null) {
            throw new IllegalArgumentException(
                    "the provenance has no hash '" + name + "'; expected one of " + hashes.keySet());
        }
        return hash.getValue();
    }

    @Override
    public Map<String, PrimitiveProvenance<?>> getInstanceValues() {
        Map<String, PrimitiveProvenance<?>> values = super.getInstanceValues();
        values.putAll(hashes);
        return values;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FileProvenance that
                && getClass() == that.getClass()
                && super.equals(other)
                && hashes.equals(that.hashes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), hashes);
    }
}
