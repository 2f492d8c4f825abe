package org.finitentk.provenance;

import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.MapProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.DateProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.DateTimeProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.TimeProvenance;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.finitentk.internal.util.ProjectVersion;
import org.finitentk.provenance.ReproductionResult.Difference;
import org.finitentk.provenance.ReproductionResult.Difference.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Compares two provenances key by key, whatever the order of the keys. Times, versions, the host and where files lie
 * are told apart: they differ whenever something is done again elsewhere.
 */
final class ProvenanceComparison {
    /** The reason for a solver has estimates in it, which depend on cores and memory. */
    private static final Set<String> ENVIRONMENT = Set.of(
            "tribuo-version",
            "java-version",
            "os-name",
            "os-arch",
            "onnxruntime-version",
            ProjectVersion.KEY,
            "solver-reason");

    private static final String SETTINGS = "trainer.";
    /** What versions recorded that had not computed a number. */
    private static final String UNKNOWN = String.valueOf(Double.NaN);

    private final List<Difference> differences = new ArrayList<>();

    private final FileLocations locations;
    /**
     * Whether another version of this library recorded the original, so that it did not know all that is recorded now.
     */
    private final boolean older;

    private ProvenanceComparison(FileLocations locations, boolean older) {
        this.locations = locations;
        this.older = older;
    }

    static List<Difference> compare(ObjectProvenance original, ObjectProvenance reproduced, FileLocations locations) {
        ProvenanceComparison comparison = new ProvenanceComparison(locations, isEarlier(original));
        comparison.compareMaps("", ofObject(original), ofObject(reproduced));
        return comparison.differences;
    }

    /** Whether an earlier version of this library recorded a model. */
    static boolean isEarlier(ObjectProvenance provenance) {
        return ProjectVersion.isBeforeCurrent(version(provenance));
    }

    /** The version that recorded a model, or the first model inside it that tells. */
    private static @Nullable String version(Provenance provenance) {
        Iterable<? extends Provenance> inside = List.of();
        if (provenance instanceof ObjectProvenance object) {
            Map<String, Provenance> map = ofObject(object);
            inside = map.values();
            if (map.get(ProjectVersion.KEY) instanceof PrimitiveProvenance<?> version) {
                return version.toString();
            }
        } else if (provenance instanceof MapProvenance<?> map) {
            if (map.getMap().get(ProjectVersion.KEY) instanceof PrimitiveProvenance<?> version) {
                return version.toString();
            }
            inside = map.getMap().values();
        } else if (provenance instanceof ListProvenance<?> list) {
            inside = list.getList();
        }
        for (Provenance value : inside) {
            String version = version(value);
            if (version != null) {
                return version;
            }
        }
        return null;
    }

    private void compare(String path, @Nullable Provenance a, @Nullable Provenance b) {
        if (a instanceof ObjectProvenance original && b instanceof ObjectProvenance reproduced) {
            compareMaps(path, ofObject(original), ofObject(reproduced));
        } else if (a instanceof MapProvenance<?> original && b instanceof MapProvenance<?> reproduced) {
            compareMaps(path, original.getMap(), reproduced.getMap());
        } else if (a instanceof ListProvenance<?> original && b instanceof ListProvenance<?> reproduced) {
            compareLists(path, original.getList(), reproduced.getList());
        } else {
            compareText(path, a, b);
        }
    }

    /** By text, as it is stored: URLs would ask the network whether they are equal. */
    private void compareText(String path, @Nullable Provenance a, @Nullable Provenance b) {
        String original = a == null ? Difference.ABSENT : describe(a);
        String reproduced = b == null ? Difference.ABSENT : describe(b);
        if (!original.equals(reproduced)) {
            boolean environment = isTime(a) && isTime(b)
                    || isMoved(a, b)
                    || isNew(path, a)
                    || ENVIRONMENT.contains(path.substring(path.lastIndexOf('.') + 1));
            differences.add(
                    new Difference(environment ? Kind.ENVIRONMENT : Kind.PROVENANCE, path, original, reproduced));
        }
    }

    private void compareMaps(String path, Map<String, ? extends Provenance> a, Map<String, ? extends Provenance> b) {
        Set<String> keys = new TreeSet<>(a.keySet());
        keys.addAll(b.keySet());
        for (String key : keys) {
            compare(path.isEmpty() ? key : path + "." + key, a.get(key), b.get(key));
        }
    }

    private void compareLists(String path, List<? extends Provenance> a, List<? extends Provenance> b) {
        for (int i = 0; i < Math.max(a.size(), b.size()); i++) {
            compare(path + "[" + i + "]", i < a.size() ? a.get(i) : null, i < b.size() ? b.get(i) : null);
        }
    }

    private static Map<String, Provenance> ofObject(ObjectProvenance provenance) {
        Map<String, Provenance> map = new TreeMap<>();
        for (Pair<String, Provenance> pair : provenance) {
            map.put(pair.getA(), pair.getB());
        }
        return map;
    }

    private static boolean isTime(@Nullable Provenance value) {
        return value instanceof DateTimeProvenance
                || value instanceof DateProvenance
                || value instanceof TimeProvenance;
    }

    /**
     * The version that trained the original did not record it: a setting of this library or of Tribuo, whose default
     * may or may not make another model, which the model tells; or, if that version was an earlier one, a finding.
     * Elements of lists have no key.
     */
    private boolean isNew(String path, @Nullable Provenance original) {
        boolean unknown = original == null || older && original.toString().equals(UNKNOWN);
        return unknown && !path.endsWith("]") && (older || isSetting(path));
    }

    /** Of the trainer, or of the one of a member of an ensemble. */
    private static boolean isSetting(String path) {
        return path.startsWith(SETTINGS) || path.contains("." + SETTINGS);
    }

    private boolean isMoved(@Nullable Provenance a, @Nullable Provenance b) {
        return a != null
                && b != null
                && a.getClass() == b.getClass()
                && b.toString().equals(locations.property(a));
    }

    private static String describe(Provenance value) {
        if (value instanceof PrimitiveProvenance<?> primitive) {
            return String.valueOf(primitive);
        }
        return value instanceof ObjectProvenance object
                ? object.getClassName()
                : value.getClass().getSimpleName();
    }
}
