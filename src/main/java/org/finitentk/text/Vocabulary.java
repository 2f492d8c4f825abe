package org.finitentk.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tribuo.util.tokens.Tokenizer;
import org.tribuo.util.tokens.impl.wordpiece.Wordpiece;
import org.tribuo.util.tokens.impl.wordpiece.WordpieceBasicTokenizer;
import org.tribuo.util.tokens.impl.wordpiece.WordpieceTokenizer;

/**
 * The word pieces of a tokenizer and their numbers.
 *
 * @param name the file's, for messages
 * @param ids by piece
 * @param lowerCase whether text is taken in lower case
 * @param stripAccents whether accents are taken off
 * @param unknown the piece of words that have no others
 * @param longestWord characters of a word that is not unknown
 */
record Vocabulary(
        String name,
        Map<String, Integer> ids,
        boolean lowerCase,
        boolean stripAccents,
        String unknown,
        int longestWord) {
    static final String FIRST = "[CLS]";
    static final String SEPARATOR = "[SEP]";
    static final String PADDING = "[PAD]";
    private static final String UNKNOWN = "[UNK]";
    private static final int LONGEST_WORD = 100;

    Vocabulary {
        ids = Collections.unmodifiableMap(new LinkedHashMap<>(ids));
    }

    /**
     * Reads a tokenizer.
     *
     * @param file {@code tokenizer.json} of word pieces, or a text with a piece in each line, numbered from 0
     * @throws IllegalArgumentException if it is neither, or lacks a piece that every text needs
     */
    static Vocabulary read(Path file) {
        Vocabulary read;
        try {
            read = file.toString().endsWith(".json") ? ofJson(file) : ofLines(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "tokenizer '" + file + "' cannot be read: " + e.getMessage()
                            + "; expected a tokenizer.json, or a vocabulary with one piece a line",
                    e);
        }
        for (String needed : List.of(FIRST, SEPARATOR, PADDING, read.unknown)) {
            read.id(needed);
        }
        return read;
    }

    private static Vocabulary ofLines(Path file) throws IOException {
        Map<String, Integer> ids = new LinkedHashMap<>();
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        for (int i = 0; i < lines.size(); i++) {
            if (ids.put(lines.get(i), i) != null) {
                throw new IllegalArgumentException("tokenizer '" + file + "' has the piece '" + lines.get(i)
                        + "' twice, the second time in line " + (i + 1) + "; expected every piece once");
            }
        }
        boolean cased = ids.keySet().stream().anyMatch(piece -> piece.matches("[A-Z][a-z]+"));
        return new Vocabulary(file.toString(), ids, !cased, !cased, UNKNOWN, LONGEST_WORD);
    }

    private static Vocabulary ofJson(Path file) throws IOException {
        JsonNode root = new ObjectMapper().readTree(file.toFile());
        JsonNode model = root.path("model");
        String kind = model.path("type").asText("WordPiece");
        if (!kind.equals("WordPiece") || !model.path("vocab").isObject()) {
            throw new IllegalArgumentException("tokenizer '" + file + "' is of kind '" + kind
                    + "'; expected WordPiece with a vocabulary, as BERT and its kin have");
        }
        String prefix = model.path("continuing_subword_prefix").asText("##");
        if (!prefix.equals("##")) {
            throw new IllegalArgumentException(
                    "tokenizer '" + file + "' marks pieces inside words by '" + prefix + "'; expected '##'");
        }
        Map<String, Integer> ids = new LinkedHashMap<>();
        model.path("vocab")
                .fields()
                .forEachRemaining(e -> ids.put(e.getKey(), e.getValue().asInt()));
        root.path("added_tokens")
                .forEach(t -> ids.put(t.path("content").asText(), t.path("id").asInt()));
        JsonNode normalizer = root.path("normalizer");
        boolean lower = normalizer.path("lowercase").asBoolean(false);
        JsonNode accents = normalizer.path("strip_accents");
        return new Vocabulary(
                file.toString(),
                ids,
                lower,
                accents.isBoolean() ? accents.asBoolean() : lower,
                model.path("unk_token").asText(UNKNOWN),
                model.path("max_input_chars_per_word").asInt(LONGEST_WORD));
    }

    /** How many numbers there are. */
    int size() {
        return 1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    }

    /** A piece's number. */
    int id(String piece) {
        Integer id = ids.get(piece);
        if (id == null) {
            throw new IllegalArgumentException(
                    "tokenizer '" + name + "' has no piece '" + piece + "'; expected one with " + FIRST + ", "
                            + SEPARATOR + ", " + PADDING + " and one for unknown words");
        }
        return id;
    }

    /** For one thread. */
    Tokenizer tokenizer() {
        return new WordpieceTokenizer(
                new Wordpiece(ids.keySet(), unknown, longestWord),
                new WordpieceBasicTokenizer(),
                lowerCase,
                stripAccents,
                Set.of());
    }
}
