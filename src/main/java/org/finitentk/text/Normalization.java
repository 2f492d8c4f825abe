package org.finitentk.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What becomes of a text before it is split into words.
 *
 * @param lowerCase whether it is taken in lower case
 * @param stripAccents whether accents are taken off
 * @param ideographsApart whether every Chinese character is a word
 * @param steps what is done before, one after the other: Unicode's forms, Lowercase, StripAccents
 */
record Normalization(boolean lowerCase, boolean stripAccents, boolean ideographsApart, List<String> steps) {
    private static final Set<String> FORMS = Set.of("NFC", "NFD", "NFKC", "NFKD");
    private static final Normalization NONE = new Normalization(false, false, false, List.of());

    Normalization {
        steps = List.copyOf(steps);
    }

    /** Of a vocabulary alone: as BERT's, with and without capitals. */
    static Normalization ofCase(boolean cased) {
        return new Normalization(!cased, !cased, true, List.of());
    }

    /**
     * Of a {@code tokenizer.json}.
     *
     * @param file for errors
     * @param normalizer its "normalizer", which may be missing
     * @throws IllegalArgumentException if it does something else to texts
     */
    static Normalization of(Path file, JsonNode normalizer) {
        if (normalizer.isNull()) {
            return NONE;
        }
        String kind = normalizer.path("type").asText("BertNormalizer");
        if (kind.equals("BertNormalizer")) {
            return bert(file, normalizer);
        }
        if (kind.equals("Sequence")) {
            Normalization all = NONE;
            for (JsonNode one : normalizer.path("normalizers")) {
                all = all.and(of(file, one));
            }
            return all;
        }
        if (kind.equals("Lowercase") || kind.equals("StripAccents") || FORMS.contains(kind)) {
            return new Normalization(false, false, false, List.of(kind));
        }
        if (kind.equals("Strip")) {
            return NONE;
        }
        throw new IllegalArgumentException("tokenizer '" + file + "' changes texts by '" + kind
                + "' before it splits them; expected BertNormalizer, Lowercase, StripAccents, a form of Unicode or a "
                + "Sequence of them");
    }

    private static Normalization bert(Path file, JsonNode normalizer) {
        if (!normalizer.path("clean_text").asBoolean(true)) {
            throw new IllegalArgumentException("tokenizer '" + file + "' leaves control characters in texts "
                    + "(clean_text is false); expected BertNormalizer with clean_text");
        }
        boolean lower = normalizer.path("lowercase").asBoolean(false);
        JsonNode accents = normalizer.path("strip_accents");
        return new Normalization(
                lower,
                accents.isBoolean() ? accents.asBoolean() : lower,
                normalizer.path("handle_chinese_chars").asBoolean(true),
                List.of());
    }

    private Normalization and(Normalization next) {
        List<String> all = new ArrayList<>(steps);
        all.addAll(next.steps);
        return new Normalization(
                lowerCase || next.lowerCase,
                stripAccents || next.stripAccents,
                ideographsApart || next.ideographsApart,
                all);
    }

    /**
     * A text after the steps, and in lower case if that is wanted: letter by letter and whatever the language of this
     * computer, which Tribuo's tokenizer minds (in Turkish I becomes another letter than i).
     */
    String prepared(String text) {
        String prepared = text;
        for (String step : steps) {
            prepared = switch (step) {
                case "Lowercase" -> lower(prepared);
                case "StripAccents" -> prepared.replaceAll("\\p{M}+", "");
                default -> Normalizer.normalize(prepared, Normalizer.Form.valueOf(step));
            };
        }
        return lowerCase ? lower(prepared) : prepared;
    }

    private static String lower(String text) {
        int[] letters = text.codePoints().map(Character::toLowerCase).toArray();
        return new String(letters, 0, letters.length);
    }
}
