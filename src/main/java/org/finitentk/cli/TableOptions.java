package org.finitentk.cli;

import java.util.List;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.table.TableFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a table is written. */
final class TableOptions {
    @Option(
            names = "--separator",
            paramLabel = "C",
            description = "what is between cells: one character, or tab (default: whichever of , ; tab | it is)")
    private String separator = TableFormat.DEFAULT.separator();

    @Option(
            names = "--quote",
            paramLabel = "C",
            description = "what encloses cells with separators in them (default: ${DEFAULT-VALUE})")
    private String quote = TableFormat.DEFAULT.quote();

    @Option(
            names = "--decimal",
            paramLabel = ".|,",
            description = "what is before the fraction of a number (default: ${DEFAULT-VALUE})")
    private String decimal = TableFormat.DEFAULT.decimal();

    @Option(
            names = "--columns",
            paramLabel = "A,B,…",
            description = "the columns' names, if the first line is a row like the others")
    private @Nullable String columns;

    TableOptions() {}

    TableFormat format() {
        return new TableFormat(separator, quote, decimal, columns == null ? List.of() : Columns.parse(columns));
    }
}
