package org.finitentk.internal.table;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cells that an output is made of, of which can be said why they make none. */
public interface TargetCells {
    /**
     * What is wrong with the cells of a row.
     *
     * @param cells one for each column of the output
     * @return null if nothing is
     */
    @Nullable
    String complaint(List<String> cells);
}
