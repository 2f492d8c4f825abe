package org.finitentk.provenance;

import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.io.FlatMarshalledProvenance;
import com.oracle.labs.mlrg.olcut.provenance.io.ListMarshalledProvenance;
import com.oracle.labs.mlrg.olcut.provenance.io.MapMarshalledProvenance;
import com.oracle.labs.mlrg.olcut.provenance.io.ObjectMarshalledProvenance;
import com.oracle.labs.mlrg.olcut.provenance.io.SimpleMarshalledProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.EnumProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.URLProvenance;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A written provenance, checked before OLCUT makes objects of it. OLCUT runs the static initializers of any class that
 * is named, and checks its kind afterwards; and it visits a shared object once for every way that leads to it, so forty
 * objects that name the next one twice would keep it busy for years.
 */
final class MarshalledProvenance {
    private static final double MOST_VISITS = 1e7;

    private final Map<String, ObjectMarshalledProvenance> objects = new HashMap<>();
    private final Map<String, Double> visits = new HashMap<>();

    private MarshalledProvenance(List<ObjectMarshalledProvenance> list) {
        list.forEach(object -> objects.put(object.getName(), object));
    }

    /**
     * Refuses a list that names classes of other kinds, expands without measure, or contains itself.
     *
     * @throws NotReproducibleException naming the class or property
     */
    static void require(List<ObjectMarshalledProvenance> list) {
        if (list.isEmpty()) {
            throw new NotReproducibleException("it lists no objects");
        }
        list.forEach(MarshalledProvenance::requireClasses);
        double visits = new MarshalledProvenance(list).visits(list.get(0).getName());
        if (visits > MOST_VISITS) {
            throw new NotReproducibleException(
                    Double.isInfinite(visits)
                            ? "an object contains itself"
                            : "its " + list.size() + " objects expand to more than " + (long) MOST_VISITS);
        }
    }

    /**
     * Finds a class without running any of its code.
     *
     * @throws NotReproducibleException if it is missing or of another kind
     */
    static <K> Class<? extends K> requireClass(String name, Class<K> kind, String expected) {
        Class<?> found;
        try {
            found = Class.forName(String.valueOf(name), false, MarshalledProvenance.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            throw new NotReproducibleException(
                    "the provenance names the class '" + name + "', which is not on the class path", e);
        }
        if (!kind.isAssignableFrom(found)) {
            throw new NotReproducibleException("the provenance names the class " + name + ", which is not " + expected
                    + " (" + kind.getSimpleName() + ")");
        }
        return found.asSubclass(kind);
    }

    private static void requireClasses(ObjectMarshalledProvenance object) {
        Class<?> type = requireClass(object.getProvenanceClassName(), ObjectProvenance.class, "a provenance class");
        if (ConfiguredObjectProvenance.class.isAssignableFrom(type) && object.getObjectClassName() == null) {
            throw new NotReproducibleException("the object '" + object.getName() + "' has no class name");
        }
        object.getMap().values().forEach(MarshalledProvenance::requireClasses);
    }

    private static void requireClasses(FlatMarshalledProvenance value) {
        if (value instanceof ListMarshalledProvenance list) {
            list.getList().forEach(MarshalledProvenance::requireClasses);
        } else if (value instanceof MapMarshalledProvenance map) {
            map.forEach(entry -> requireClasses(entry.getB()));
        } else if (value instanceof SimpleMarshalledProvenance simple) {
            requireClasses(simple);
        }
    }

    private static void requireClasses(SimpleMarshalledProvenance simple) {
        if (simple.getValue() == null) {
            throw new NotReproducibleException("the property '" + simple.getKey() + "' has no value");
        }
        Class<? extends Provenance> kind = simple.isReference() ? ObjectProvenance.class : PrimitiveProvenance.class;
        Class<? extends Provenance> type = requireClass(
                simple.getProvenanceClassName(),
                kind,
                "the kind of value that the property '" + simple.getKey() + "' has");
        if (type == URLProvenance.class) {
            LocalValues.require("property '" + simple.getKey() + "'", simple.getValue());
        }
        if (type == EnumProvenance.class) {
            requireClass(simple.getAdditional(), Enum.class, "an enum");
        }
    }

    private double visits(String name) {
        Double known = visits.get(name);
        if (known != null) {
            return known;
        }
        // Stands while the object is being counted: whoever meets it then is inside it.
        visits.put(name, Double.POSITIVE_INFINITY);
        ObjectMarshalledProvenance object = objects.get(name);
        double sum = 1;
        if (object != null) {
            for (FlatMarshalledProvenance value : object.getMap().values()) {
                sum += visits(value);
            }
        }
        visits.put(name, sum);
        return sum;
    }

    private double visits(@Nullable FlatMarshalledProvenance value) {
        double sum = 0;
        if (value instanceof ListMarshalledProvenance list) {
            for (FlatMarshalledProvenance element : list.getList()) {
                sum += visits(element);
            }
        } else if (value instanceof MapMarshalledProvenance map) {
            for (var entry : map) {
                sum += visits(entry.getB());
            }
        } else if (value instanceof SimpleMarshalledProvenance simple && simple.isReference()) {
            sum = visits(simple.getValue());
        }
        return sum;
    }
}
