package org.finitentk.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.finitentk.internal.tabular.Task;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a task as an option has it: with a hyphen or an underscore, in capitals or not. */
final class TaskName implements ITypeConverter<Task> {
    TaskName() {}

    @Override
    public Task convert(String value) {
        String wanted = value.replace('-', '_').toUpperCase(Locale.ROOT);
        return Arrays.stream(Task.values())
                .filter(task -> task.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + value + "'; expected one of "
                        + Arrays.stream(Task.values())
                                .map(task ->
                                        task.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                                .collect(Collectors.joining(", "))));
    }
}
