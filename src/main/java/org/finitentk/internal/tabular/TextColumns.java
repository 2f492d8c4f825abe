package org.finitentk.internal.tabular;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.finitentk.internal.onnx.RowNumbers;
import org.finitentk.internal.table.Columns;
import org.finitentk.internal.table.TableRow;
import org.finitentk.internal.table.TableRows;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Pooling;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.text.TokenTransformer;
import org.finitentk.text.WordpiecePipeline;
import org.jspecify.annotations.Nullable;
import org.tribuo.Feature;
import org.tribuo.data.columnar.FieldProcessor;
import org.tribuo.data.columnar.processors.field.TextFieldProcessor;

/**
 * One column of texts, or two for a network that takes pairs: what makes tokens of them, and what makes a network's
 * inputs of tokens.
 *
 * @param features the columns
 * @param transformer makes the inputs
 * @param tokenizer the transformer's
 * @param length the transformer's
 */
record TextColumns(FeatureColumns features, TokenTransformer transformer, Path tokenizer, int length) {
    /** Tokens of a row that are not exceeded unless somebody says so: time and memory grow with them. */
    static final int LONGEST = 128;
    /** What lengths are multiples of, so that texts which are a little longer than a table's have room. */
    private static final int STEP = 16;

    private static final int MOST_TEXTS = 2;
    private static final double MANY_UNKNOWN = 0.2;

    /**
     * Decides.
     *
     * @param chosen the table and what was said of its columns
     * @param kinds what its columns hold
     * @param texts what was said of its texts
     * @param network the network's file
     * @throws IllegalArgumentException if the columns hold no texts, or the tokenizer is none or does not fit
     */
    static TextColumns of(TableColumns chosen, ColumnKinds kinds, TextChoice texts, Path network) {
        List<String> names = chosen.features().isEmpty() ? List.of(only(chosen, kinds)) : chosen.features();
        requireTexts(chosen, kinds, names);
        WordpiecePipeline pipeline = new WordpiecePipeline(texts.tokenizer());
        TokenNetwork read = TokenNetwork.read(network);
        read.requireTokens();
        String pieces = pieces(texts.tokenizer(), pipeline.vocabularySize(), read.embedding());
        Sizes sizes = Sizes.of(chosen, names, pipeline);
        int length = length(texts.length(), read.length(), sizes.longest);
        List<String> notes = new ArrayList<>(List.of(pieces, sizes.longest(names.size())));
        sizes.notes(notes);
        if (texts.pooling() == Pooling.MEAN && read.hasMask()) {
            notes.add("--pooling mean takes padding into the mean, so that it depends on --length; masked-mean, as "
                    + "sentence encoders have it, leaves it out");
        }
        Map<String, FieldProcessor> fields = new LinkedHashMap<>();
        names.forEach(name -> fields.put(name, new TextFieldProcessor(name, pipeline)));
        String said = (names.size() == 1 ? "the texts " : "the pairs of texts ") + Columns.quoted(names) + ", " + length
                + " tokens a row";
        FeatureColumns features = new FeatureColumns(names, fields, said, notes);
        return new TextColumns(features, transformer(texts.tokenizer(), length, names), texts.tokenizer(), length);
    }

    private static TokenTransformer transformer(Path tokenizer, int length, List<String> names) {
        return new TokenTransformer(tokenizer, length, names.size() == 1 ? List.of() : names);
    }

    /** What makes the shortest inputs. */
    TokenTransformer shortest() {
        return transformer(tokenizer, features.names().size() + 2, features.names());
    }

    /** Of a network that takes only shorter rows. */
    IllegalArgumentException tooLong(InvalidModelException e) {
        return new IllegalArgumentException(
                "the network takes no rows of " + length + " tokens, only of fewer; expected a smaller --length ("
                        + e.getMessage() + ")",
                e);
    }

    /**
     * Refuses a network that was opened for such inputs and takes others, before anything is read.
     *
     * @param inputs the network's
     */
    void requireFit(List<ValueInfo> inputs) {
        List<String> tokens =
                features.names().stream().map(name -> name + "@token:0").toList();
        transformer.check(tokens, inputs);
    }

    /** The column of texts, where nobody named it. */
    private static String only(TableColumns chosen, ColumnKinds kinds) {
        List<String> found = kinds.texts();
        if (found.size() == 1) {
            return found.get(0);
        }
        throw new IllegalArgumentException(
                found.isEmpty()
                        ? chosen.file().name() + " has no column of texts beside the target; its columns are "
                                + Columns.shown(kinds.columns())
                        : "nothing says which of " + Columns.quoted(found) + " has the texts; add --features "
                                + Columns.line(found.subList(0, 1)) + " or another of them, or two for a network that "
                                + "takes pairs");
    }

    private static void requireTexts(TableColumns chosen, ColumnKinds kinds, List<String> names) {
        Columns.require(chosen.file().name(), kinds.columns(), names, "which is a feature");
        List<String> numbers = names.stream().filter(kinds::isNumeric).toList();
        if (!numbers.isEmpty()) {
            throw new IllegalArgumentException("the column" + (numbers.size() == 1 ? " " : "s ")
                    + Columns.quoted(numbers) + (numbers.size() == 1 ? " holds" : " hold")
                    + " numbers, and a network that takes tokens has no input for them; with --tokenizer expected "
                    + "--features with one column of texts, or two");
        }
        if (names.size() > MOST_TEXTS) {
            throw new IllegalArgumentException("the features are " + Columns.quoted(names)
                    + "; with --tokenizer expected one column of texts, or two for a network that takes pairs");
        }
    }

    private static String pieces(Path tokenizer, int size, RowNumbers.@Nullable Table table) {
        String pieces = "tokenizer '" + tokenizer.getFileName() + "': " + size + " pieces";
        if (table == null || table.size() == size) {
            return pieces;
        }
        String rows = "the network's table of them, '" + table.name() + "', has " + table.size() + " rows";
        if (table.size() < size) {
            throw new IllegalArgumentException("tokenizer '" + tokenizer + "' has " + size + " pieces, but " + rows
                    + "; expected the tokenizer that the network was trained with");
        }
        return pieces + ", and " + rows + ": the others are never used";
    }

    private static int length(int said, OptionalLong made, int longest) {
        if (said > 0 && made.isPresent() && said != made.getAsLong()) {
            throw new IllegalArgumentException("--length is " + said + ", but the network is made for rows of "
                    + made.getAsLong() + " tokens; expected that, or no --length");
        }
        int whole = (longest + STEP - 1) / STEP * STEP;
        return said > 0 ? said : made.isPresent() ? (int) made.getAsLong() : Math.max(STEP, Math.min(LONGEST, whole));
    }

    /** How many tokens the rows of a table have, with those at their ends. */
    private static final class Sizes {
        private final List<Integer> rows = new ArrayList<>();
        private int longest;
        private long tokens;
        private long unknown;

        static Sizes of(TableColumns chosen, List<String> names, WordpiecePipeline pipeline) {
            Sizes sizes = new Sizes();
            try (TableRows table = chosen.file().open()) {
                for (@Nullable TableRow row = table.next(); row != null; row = table.next()) {
                    sizes.add(row.byName(), names, pipeline);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(chosen.file().name() + " cannot be read: " + e.getMessage(), e);
            }
            return sizes;
        }

        private void add(Map<String, String> cells, List<String> names, WordpiecePipeline pipeline) {
            int size = 1 + names.size();
            for (String name : names) {
                List<Feature> found = pipeline.process("", cells.getOrDefault(name, ""));
                size += found.size();
                unknown += found.stream().filter(pipeline::isUnknown).count();
            }
            tokens += size - 1 - names.size();
            rows.add(size);
            longest = Math.max(longest, size);
        }

        String longest(int texts) {
            return "the longest of " + rows.size() + " rows has " + longest + " tokens, " + (1 + texts)
                    + " of them at the ends of texts ([CLS], [SEP])";
        }

        void notes(List<String> notes) {
            if (unknown > MANY_UNKNOWN * tokens) {
                notes.add(String.format(
                        Locale.ROOT,
                        "%.0f %% of the tokens are [UNK], words that the vocabulary lacks: is the tokenizer the one "
                                + "that the network was trained with, for texts of this language?",
                        100.0 * unknown / tokens));
            }
        }
    }
}
