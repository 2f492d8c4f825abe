package org.finitentk.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Pieces that are found in texts wherever they stand, before texts are split into words: {@code [MASK]}, and what was
 * added to a vocabulary. Of those that begin at one place the longest is taken.
 *
 * @param whole those that are looked for in the text as it is
 * @param normalized those that are looked for in what normalization leaves, by what it makes of them
 */
record AddedTokens(Found whole, Found normalized) {
    /** As BERT's vocabularies have them. */
    private static final List<String> SPECIAL = List.of("[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]");

    /**
     * A part of a text.
     *
     * @param text of words, or a piece
     * @param isPiece whether it is a piece
     */
    record Part(String text, boolean isPiece) {}

    /**
     * A way to find pieces.
     *
     * @param pattern matches one of them; null if there are none
     * @param pieces what stands for a match
     */
    record Found(@Nullable Pattern pattern, Map<String, String> pieces) {
        /** Those of a map from what stands in texts to patterns, the longest first. */
        private static Found of(Map<String, String> pieces, Collection<String> apart) {
            String any = pieces.keySet().stream()
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .map(text ->
                            apart.contains(text) ? "(?<!\\w)" + Pattern.quote(text) + "(?!\\w)" : Pattern.quote(text))
                    .collect(Collectors.joining("|"));
            return new Found(
                    any.isEmpty() ? null : Pattern.compile(any, Pattern.UNICODE_CHARACTER_CLASS), Map.copyOf(pieces));
        }

        private List<Part> parts(String text) {
            if (pattern == null) {
                return List.of(new Part(text, false));
            }
            List<Part> parts = new ArrayList<>();
            Matcher matcher = pattern.matcher(text);
            int from = 0;
            while (matcher.find()) {
                parts.add(new Part(text.substring(from, matcher.start()), false));
                parts.add(new Part(pieces.getOrDefault(matcher.group(), matcher.group()), true));
                from = matcher.end();
            }
            parts.add(new Part(text.substring(from), false));
            return parts;
        }
    }

    /** Those of a vocabulary without more said. */
    static AddedTokens special(Collection<String> vocabulary) {
        Map<String, String> pieces = new LinkedHashMap<>();
        SPECIAL.stream().filter(vocabulary::contains).forEach(piece -> pieces.put(piece, piece));
        return new AddedTokens(Found.of(pieces, List.of()), Found.of(Map.of(), List.of()));
    }

    /** Those of a {@code tokenizer.json}, its "added_tokens". */
    static AddedTokens of(JsonNode tokens, UnaryOperator<String> normalization) {
        Map<String, String> whole = new LinkedHashMap<>();
        Map<String, String> normalized = new LinkedHashMap<>();
        List<String> apart = new ArrayList<>();
        for (JsonNode token : tokens) {
            String piece = token.path("content").asText();
            boolean special = token.path("special").asBoolean(SPECIAL.contains(piece));
            boolean later = token.path("normalized").asBoolean(!special);
            String text = later ? normalization.apply(piece) : piece;
            if (text.isEmpty()) {
                continue;
            }
            (later ? normalized : whole).put(text, piece);
            if (token.path("single_word").asBoolean(false)) {
                apart.add(text);
            }
        }
        return new AddedTokens(Found.of(whole, apart), Found.of(normalized, apart));
    }

    /** A text as pieces and, normalized, what is between them. */
    List<Part> parts(String text, UnaryOperator<String> normalization) {
        List<Part> parts = new ArrayList<>();
        for (Part part : whole.parts(text)) {
            if (part.isPiece()) {
                parts.add(part);
            } else {
                parts.addAll(normalized.parts(normalization.apply(part.text())));
            }
        }
        return parts;
    }
}
