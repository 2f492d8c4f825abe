package org.finitentk.cli;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.ConfigurationData;
import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import com.oracle.labs.mlrg.olcut.config.property.SimpleProperty;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration file can say where OLCUT says that it cannot: the names of a component's settings, and the words
 * that a setting takes.
 */
final class RefusedSetting {
    private RefusedSetting() {}

    /**
     * The sentence for a setting that a component does not have, or a word that a setting does not take.
     *
     * @param manager of the file that was refused
     * @param e why it was
     * @return null if it is about something else
     */
    static @Nullable String sentence(ConfigurationManager manager, Throwable e) {
        PropertyException innermost = null;
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            innermost = cause instanceof PropertyException property ? property : innermost;
        }
        String setting = innermost == null ? null : innermost.getProperty();
        if (innermost == null || setting == null) {
            return null;
        }
        String message = String.valueOf(innermost.getMessage());
        return manager.getComponentNames().stream()
                .sorted(Comparator.comparing((String name) -> !message.contains("Component: " + name + ","))
                        .thenComparing(name -> name))
                .map(manager::getConfigurationData)
                .flatMap(Optional::stream)
                .map(component -> sentence(component, setting))
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(null);
    }

    private static Optional<String> sentence(ConfigurationData component, String setting) {
        Map<String, Field> known = settings(component.getClassName());
        if (known.isEmpty() || !component.contains(setting)) {
            return Optional.empty();
        }
        Field field = known.get(setting);
        if (field == null) {
            return Optional.of("component '" + component.getName() + "' has a property '" + setting + "', which is no "
                    + "setting of " + component.getClassName() + "; expected one of "
                    + String.join(", ", known.keySet()));
        }
        return component
                .get(setting)
                .filter(value ->
                        value instanceof SimpleProperty && field.getType().isEnum())
                .map(value -> ((SimpleProperty) value).getValue())
                .filter(value -> !value.contains("${") && words(field).noneMatch(value::equals))
                .map(value -> "component '" + component.getName() + "' has '" + value + "' as its property '" + setting
                        + "'; expected one of " + words(field).collect(Collectors.joining(", ")));
    }

    private static Stream<String> words(Field field) {
        return Arrays.stream(field.getType().getEnumConstants()).map(constant -> ((Enum<?>) constant).name());
    }

    /** A component's settings by name; none where its type is no class. */
    private static Map<String, Field> settings(@Nullable String type) {
        Map<String, Field> settings = new TreeMap<>();
        try {
            Class<?> owner = type == null
                    ? null
                    : Class.forName(type, false, Thread.currentThread().getContextClassLoader());
            for (; owner != null; owner = owner.getSuperclass()) {
                for (Field field : owner.getDeclaredFields()) {
                    if (field.isAnnotationPresent(Config.class)) {
                        settings.putIfAbsent(field.getName(), field);
                    }
                }
            }
        } catch (ClassNotFoundException | LinkageError e) {
            return Map.of();
        }
        return settings;
    }
}
