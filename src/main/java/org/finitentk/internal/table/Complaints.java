package org.finitentk.internal.table;

import java.util.ArrayList;
import java.util.List;

/** Rows that cannot be used, and why: the first ones in words, the others counted. */
public final class Complaints {
    private static final int SHOWN = 10;

    private final List<String> first = new ArrayList<>();
    private int count;

    /**
     * A row that cannot be used.
     *
     * @param line where it begins
     * @param complaint why
     */
    public void add(long line, String complaint) {
        count++;
        if (first.size() < SHOWN) {
            first.add("line " + line + " (" + complaint + ")");
        }
    }

    /**
     * How many rows cannot be used.
     *
     * @return the number
     */
    public int count() {
        return count;
    }

    /**
     * E.g. "line 3 ('age' is empty), line 7 ('age' is empty) and 5 more".
     *
     * @return the list
     */
    public String list() {
        return String.join(", ", first) + (count > first.size() ? " and " + (count - first.size()) + " more" : "");
    }
}
