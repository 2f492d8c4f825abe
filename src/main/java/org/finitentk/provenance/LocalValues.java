package org.finitentk.provenance;

import com.oracle.labs.mlrg.olcut.config.ConfigurationData;
import com.oracle.labs.mlrg.olcut.config.property.ListProperty;
import com.oracle.labs.mlrg.olcut.config.property.MapProperty;
import com.oracle.labs.mlrg.olcut.config.property.Property;
import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.MapProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.URLProvenance;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Lets only local files through: whoever wrote a provenance does not choose what this process connects to. What a class
 * does with a setting is not known here, and Tribuo opens settings of several types as URLs (the vocabulary of a
 * tokenizer is a String, an IDX file a Path), so every text that Java would take for a URL is looked at, whatever its
 * recorded type: file and jar:file, without a host, pass. A name of a machine is resolved by Java as soon as a URL is
 * compared or hashed, so none may get as far as that.
 */
final class LocalValues {
    /** What names a share of another machine on Windows. */
    private static final Pattern SHARE = Pattern.compile("^[\\\\/]{2}[^\\\\/]");

    private static final String LOCAL = "; only local files are read";

    private final Set<Provenance> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private LocalValues() {}

    /**
     * Refuses URLs of other machines anywhere inside, without comparing or hashing them.
     *
     * @throws NotReproducibleException naming the first
     */
    static void require(ObjectProvenance root) {
        new LocalValues().requireLocal(root.getClassName(), root);
    }

    private void requireLocal(String owner, Provenance provenance) {
        if (!seen.add(provenance)) {
            return;
        }
        if (provenance instanceof URLProvenance url) {
            require(owner, url.toString());
        } else if (provenance instanceof ObjectProvenance object) {
            for (Pair<String, Provenance> pair : object) {
                requireLocal(object.getClassName(), pair.getB());
            }
        } else if (provenance instanceof ListProvenance<?> list) {
            list.getList().forEach(element -> requireLocal(owner, element));
        } else if (provenance instanceof MapProvenance<?> map) {
            map.getMap().values().forEach(value -> requireLocal(owner, value));
        }
    }

    /**
     * Refuses an object's settings that lead elsewhere, as OLCUT will read them.
     *
     * @throws NotReproducibleException naming the first
     */
    static void require(ConfigurationData data) {
        data.getProperties().values().forEach(property -> require(data.getClassName(), property));
    }

    private static void require(String owner, Property property) {
        if (property instanceof ListProperty list) {
            list.getSimpleList().forEach(element -> require(owner, element));
        } else if (property instanceof MapProperty map) {
            map.getMap().forEach((key, value) -> {
                requireText(owner, key);
                require(owner, value);
            });
        } else {
            requireText(owner, property.toString());
        }
    }

    /** OLCUT puts system properties, some of which are URLs, for ${names}. */
    private static void requireText(String owner, String text) {
        if (text.contains("${")) {
            throw new NotReproducibleException("the provenance of " + owner + " has the setting '" + text
                    + "', which refers to a property of this machine; expected the value itself");
        }
        require(owner, text);
    }

    /**
     * Refuses a text that Java takes for a URL, unless of a local file.
     *
     * @param owner the class whose provenance has it
     * @param text what is recorded
     * @throws NotReproducibleException naming both
     */
    static void require(String owner, String text) {
        if (!isLocal(text)) {
            throw new NotReproducibleException("the provenance of " + owner + " names " + text + LOCAL);
        }
    }

    private static boolean isLocal(String text) {
        if (SHARE.matcher(text).find()) {
            return false;
        }
        URL url;
        try {
            url = new URL(text);
        } catch (MalformedURLException e) {
            return true;
        }
        return switch (url.getProtocol().toLowerCase(Locale.ROOT)) {
            case "file" ->
                url.getHost().isEmpty()
                        && !SHARE.matcher(url.getPath().replaceFirst("^/{3,}", "//"))
                                .find();
            case "jar" -> url.getPath().toLowerCase(Locale.ROOT).startsWith("file:") && isLocal(url.getPath());
            default -> false;
        };
    }
}
