package org.finitentk.internal.table;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a table, one after the other. */
public interface TableRows extends Closeable {
    /**
     * What errors call the table.
     *
     * @return the name
     */
    String name();

    /**
     * The names of the columns.
     *
     * @return in their order; null if every row brings its own
     */
    @Nullable
    List<String> columns();

    /**
     * The next row.
     *
     * @return null after the last
     * @throws IOException if it cannot be read
     */
    @Nullable
    TableRow next() throws IOException;

    /**
     * Whether another row can be read without waiting for who writes it.
     *
     * @return whether it can
     * @throws IOException if that cannot be found out
     */
    boolean isReady() throws IOException;
}
