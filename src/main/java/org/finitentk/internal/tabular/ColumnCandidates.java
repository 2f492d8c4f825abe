package org.finitentk.internal.tabular;

import java.util.List;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.tribuo.UnknownOrderException;

/**
 * The columns that may be a network's inputs, where nobody listed them.
 *
 * @param numbers columns of numbers that are no targets, in the table's order
 * @param words other columns, with some of what they hold
 */
record ColumnCandidates(List<String> numbers, List<String> words) {
    /** Where columns are listed, or are no network's inputs. */
    static final ColumnCandidates NONE = new ColumnCandidates(List.of(), List.of());

    /** More names than a person takes some from in a line. */
    private static final int MOST_NAMES = 40;

    /** The line to paste, where there is one. */
    String ask(UnknownOrderException e) {
        String paste = "--features " + Columns.line(numbers);
        String inputs = e.inputSize() + " inputs" + (e.inputs().isEmpty() ? "" : ", which are " + e.inputs());
        if (e.inputSize() == numbers.size()) {
            return "nothing says which column is which of the network's " + inputs
                    + "; if it was trained with the columns in the table's order, add " + paste
                    + " , else the same names in the network's order";
        }
        if (e.inputSize() < numbers.size() && numbers.size() > MOST_NAMES) {
            return "the network has " + inputs + ", and the table " + numbers.size()
                    + " columns of numbers beside the target; name by --features the " + e.inputSize()
                    + " that the network was trained with, in its order";
        }
        return "the network has " + inputs + ", and the table " + numbers.size()
                + (numbers.size() == 1 ? " column" : " columns") + " of numbers beside the target; "
                + (e.inputSize() > numbers.size() && !words.isEmpty()
                        ? "if it was trained with " + String.join(" or ", words) + ": " + ColumnKinds.NUMBERS
                                + ", and name all in the network's order; those of numbers are "
                        : "name the " + e.inputSize()
                                + " that the network was trained with, in its order; all of them are ")
                + paste;
    }
}
