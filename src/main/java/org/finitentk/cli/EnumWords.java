package org.finitentk.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads one of several values as an option has it: with hyphens or underscores, in capitals or not.
 *
 * @param <E> the values
 * @param type their class
 */
record EnumWords<E extends Enum<E>>(Class<E> type) implements ITypeConverter<E> {
    /** Makes all options of a program, and of its commands, that take such a value read it so. */
    static void register(CommandLine line) {
        line.getCommandSpec().args().forEach(arg -> {
            if (arg.type().isEnum()) {
                register(line, arg.type());
            }
        });
        line.getSubcommands().values().forEach(EnumWords::register);
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // an enum's class, as was asked
    private static void register(CommandLine line, Class<?> type) {
        line.registerConverter((Class) type, new EnumWords(type));
    }

    @Override
    public E convert(String value) {
        String wanted = value.strip().replace('-', '_').toUpperCase(Locale.ROOT);
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> constant.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + value + "'; expected one of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(EnumWords::word)
                                .collect(Collectors.joining(", "))));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
