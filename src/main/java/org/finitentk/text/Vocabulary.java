package org.finitentk.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * @param normalization what becomes of a text first
 * @param unknown the piece of words that have no others
 * @param longestWord characters of a word that is not unknown
 * @param template the pieces around texts
 * @param added pieces that are found wherever they stand in a text
 */
record Vocabulary(
        String name,
        Map<String, Integer> ids,
        Normalization normalization,
        String unknown,
        int longestWord,
        TokenTemplate template,
        AddedTokens added) {
    static final String UNKNOWN = "[UNK]";
    static final int LONGEST_WORD = 100;
    static final String EXPECTED = "; expected a tokenizer.json, or a vocabulary with one piece a line (vocab.txt)";

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
        return of(file, content(file));
    }

    /**
     * The bytes of a tokenizer's file.
     *
     * @throws IllegalArgumentException if it cannot be read
     */
    static byte[] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "tokenizer '" + file + "' "
                            + (Files.exists(file) ? "cannot be read: " + e.getMessage() : "does not exist") + EXPECTED,
                    e);
        }
    }

    /**
     * Of a tokenizer's bytes.
     *
     * @param file its name, which ends in .json for a {@code tokenizer.json}
     * @throws IllegalArgumentException as {@link #read}
     */
    static Vocabulary of(Path file, byte[] content) {
        return file.toString().endsWith(".json") ? TokenizerJson.read(file, content) : ofLines(file, content);
    }

    private static Vocabulary ofLines(Path file, byte[] content) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("tokenizer '" + file + "' is no text in UTF-8" + EXPECTED, e);
        }
        Map<String, Integer> ids = new LinkedHashMap<>();
        String again = "";
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (ids.putIfAbsent(lines.get(i), i) != null && again.isEmpty()) {
                again = "the piece '" + lines.get(i) + "' twice, the second time in line " + (i + 1);
            }
        }
        boolean cased = ids.keySet().stream().anyMatch(piece -> piece.matches("[A-Z][a-z]+"));
        Vocabulary read = new Vocabulary(
                        file.toString(),
                        ids,
                        Normalization.ofCase(cased),
                        UNKNOWN,
                        LONGEST_WORD,
                        TokenTemplate.BERT,
                        AddedTokens.special(ids.keySet()))
                .requireWhole();
        if (!again.isEmpty()) {
            throw new IllegalArgumentException("tokenizer '" + file + "' has " + again + "; expected every piece once");
        }
        return read;
    }

    /** Refuses one that lacks a piece which every text needs. */
    Vocabulary requireWhole() {
        for (String needed : List.of(template.first(), template.separator(), template.padding(), unknown)) {
            id(needed);
        }
        return this;
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
                    "tokenizer '" + name + "' has no piece '" + piece + "'; expected a vocabulary with "
                            + template.first() + ", " + template.separator() + ", " + template.padding()
                            + " and one for unknown words");
        }
        return id;
    }

    /** The pieces of a text. */
    List<String> pieces(String text, Tokenizer words) {
        List<String> pieces = new ArrayList<>();
        for (AddedTokens.Part part : added.parts(text, normalization::prepared)) {
            pieces.addAll(part.isPiece() ? List.of(part.text()) : words.split(part.text()));
        }
        return pieces;
    }

    /** For one thread. */
    Tokenizer tokenizer() {
        return new WordpieceTokenizer(
                new Wordpiece(ids.keySet(), unknown, longestWord),
                new WordpieceBasicTokenizer(normalization.ideographsApart()),
                normalization.lowerCase(),
                normalization.stripAccents(),
                Set.of());
    }
}
