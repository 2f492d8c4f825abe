package org.finitentk.table;

import java.util.ArrayList;
import java.util.List;

/** Rows that cannot be used, and why: the first ones in words, the others counted. */
final class Complaints {
    private static final int SHOWN = 10;

    private final List<String> first = new ArrayList<>();
    private int count;

    void add(long line, String complaint) {
        count++;
        if (first.size() < SHOWN) {
            first.add("line " + line + " (" + complaint + ")");
        }
    }

    int count() {
        return count;
    }

    /** E.g. "line 3 ('age' is empty), line 7 ('age' is empty) and 5 more". */
    String list() {
        return String.join(", ", first) + (count > first.size() ? " and " + (count - first.size()) + " more" : "");
    }
}
