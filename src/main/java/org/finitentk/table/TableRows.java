package org.finitentk.table;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a table, one after the other. */
interface TableRows extends Closeable {
    /** What errors call the table. */
    String name();

    /** The names of the columns, in their order; null if every row brings its own. */
    @Nullable
    List<String> columns();

    /** The next row, or null after the last. */
    @Nullable
    TableRow next() throws IOException;

    /** Whether another row can be read without waiting for who writes it. */
    boolean isReady() throws IOException;
}
