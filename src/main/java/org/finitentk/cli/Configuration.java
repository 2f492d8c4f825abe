package org.finitentk.cli;

import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import com.oracle.labs.mlrg.olcut.config.io.ConfigLoaderException;
import com.oracle.labs.mlrg.olcut.config.json.JsonConfigFactory;
import com.oracle.labs.mlrg.olcut.config.xml.XMLConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.util.Said;
import org.jspecify.annotations.Nullable;

/** A configuration file of OLCUT that a command was given. */
final class Configuration implements AutoCloseable {
    private final Path file;
    private final ConfigurationManager manager;

    private Configuration(Path file, ConfigurationManager manager) {
        this.file = file;
        this.manager = manager;
    }

    /**
     * Reads a file.
     *
     * @param file .xml or .json
     * @param globals values for global properties, instead of the file's
     * @throws IllegalArgumentException if it is none, with the reason
     */
    static Configuration load(Path file, Map<String, String> globals) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    "configuration file '" + file + "' " + (Files.exists(file) ? "is no file" : "does not exist")
                            + "; expected an .xml or .json file of OLCUT");
        }
        ConfigurationManager.addFileFormatFactory(new GuardedFormat(new XMLConfigFactory()));
        ConfigurationManager.addFileFormatFactory(new GuardedFormat(new JsonConfigFactory()));
        try {
            ConfigurationManager loaded =
                    new ConfigurationManager(file.toAbsolutePath().toString());
            globals.forEach(loaded::setGlobalProperty);
            return new Configuration(file, loaded);
        } catch (PropertyException | ConfigLoaderException e) {
            throw e.getCause() instanceof ClassCastException ? unlike(file, e) : refused(file, e);
        } catch (NullPointerException
                | ClassCastException
                | IllegalStateException
                | IllegalArgumentException
                | IndexOutOfBoundsException e) {
            throw unlike(file, e);
        }
    }

    /** OLCUT's readers expect its own words in their places, and say nothing of others. */
    private static IllegalArgumentException unlike(Path file, RuntimeException e) {
        return new IllegalArgumentException(
                "'" + file + "' is no configuration of OLCUT; expected 'config' around everything, with components "
                        + "that have a name and a type (a recorded provenance is for the command reproduce)",
                e);
    }

    /**
     * The component of a kind.
     *
     * @param kind its type
     * @param what it is in a word
     * @param option the option that names it
     * @param name its name; null if it is the only one
     * @throws IllegalArgumentException if there is none of that name, or several without a name
     */
    <C extends Configurable> C component(Class<C> kind, String what, String option, @Nullable String name) {
        try {
            List<String> names = listed(kind);
            if (name != null && !names.contains(name)) {
                throw new IllegalArgumentException(
                        "configuration file '" + file + "' has no " + what + " named '" + name + "'; it has " + names);
            }
            if (name == null && names.size() != 1) {
                throw new IllegalArgumentException("configuration file '" + file + "' has " + names.size() + " " + what
                        + "s " + names
                        + (names.isEmpty()
                                ? "; expected a component whose type implements " + kind.getName()
                                : "; choose one with " + option));
            }
            return kind.cast(manager.lookup(name == null ? names.get(0) : name));
        } catch (PropertyException | ConfigLoaderException e) {
            String sentence = RefusedSetting.sentence(manager, e);
            throw sentence == null
                    ? refused(file, e)
                    : new IllegalArgumentException("configuration file '" + file + "': " + sentence, e);
        }
    }

    private List<String> listed(Class<? extends Configurable> kind) {
        try {
            return manager.listAll(kind);
        } catch (NullPointerException e) {
            throw unlike(file, e);
        }
    }

    private static IllegalArgumentException refused(Path file, RuntimeException e) {
        Throwable cause = e;
        StringBuilder reasons = new StringBuilder();
        while (cause != null) {
            String message = Said.withoutCause(String.valueOf(cause.getMessage()), cause.getCause())
                    .replaceAll(
                            "[\\w.]+Exception: |\\s+at \\[Source: REDACTED.*;(?= line)|(?<=column: \\d{1,9})\\]", "");
            if (cause.getMessage() != null && reasons.indexOf(message) < 0) {
                reasons.append(reasons.isEmpty() ? "" : ": ").append(message);
            }
            cause = cause.getCause();
        }
        return new IllegalArgumentException("configuration file '" + file + "': " + reasons, e);
    }

    @Override
    public void close() {
        manager.close();
    }
}
