package org.finitentk.internal.tribuo;

import static java.nio.charset.StandardCharsets.UTF_8;

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
public final class Findings {
    private static final int LONGEST_LIST = 10_000;

    private final Map<String, Provenance> values;

    /**
     * Starts with what the caller of train gave, and this project's version.
     *
     * @param runProvenance the caller's values
     */
    public Findings(Map<String, Provenance> runProvenance) {
        values = new HashMap<>(runProvenance);
        add(ProjectVersion.KEY, ProjectVersion.current());
    }

    /**
     * Adds a list, a JSON array, or how many there are and the array's SHA-256 if it is long.
     *
     * @param name the key
     * @param array the array
     * @param size how many elements it has
     * @param what they are, in the plural
     * @return this
     */
    public Findings addList(String name, String array, int size, String what) {
        return add(name, list(array, size, what));
    }

    /**
     * A list as it is recorded.
     *
     * @param array a JSON array
     * @param size how many elements it has
     * @param what they are, in the plural
     * @return the array, or how many there are and its SHA-256 if it is long
     */
    public static String list(String array, int size, String what) {
        return array.length() <= LONGEST_LIST
                ? array
                : size + " " + what + ", SHA-256 of their JSON array " + Hashes.sha256(array.getBytes(UTF_8));
    }

    /**
     * Adds a word.
     *
     * @param name the key
     * @param value the word
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
     * @param value the count
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
     * @param value the number
     * @return this
     */
    public Findings add(String name, double value) {
        values.put(name, new DoubleProvenance(name, value));
        return this;
    }

    /**
     * The instance values of a ModelProvenance.
     *
     * @return an unmodifiable copy
     */
    public Map<String, Provenance> values() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
}
