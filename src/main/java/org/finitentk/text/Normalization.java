package org.finitentk.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Set;

/**
 * What becomes of a text before it is split into words.
 *
 * @param lowerCase whether it is taken in lower case
 * @param stripAccents whether accents are taken off
 * @param ideographsApart whether every Chinese character is a word
 */
record Normalization(boolean lowerCase, boolean stripAccents, boolean ideographsApart) {
    /** What word pieces do without. */
    private static final Set<String> FORMS = Set.of("NFC", "NFD", "NFKC", "NFKD", "Strip");

    /** Of a vocabulary alone: as BERT's, with and without capitals. */
    static Normalization ofCase(boolean cased) {
        return new Normalization(!cased, !cased, true);
    }

    /**
     * Of a {@code tokenizer.json}.
     *
     * @param file for errors
     * @param normalizer its "normalizer", which may be missing
     * @throws IllegalArgumentException if it does something else to texts
     */
    static Normalization of(Path file, JsonNode normalizer) {
        String kind = normalizer.path("type").asText("BertNormalizer");
        if (kind.equals("BertNormalizer")) {
            boolean lower = normalizer.path("lowercase").asBoolean(false);
            JsonNode accents = normalizer.path("strip_accents");
            return new Normalization(
                    lower,
                    accents.isBoolean() ? accents.asBoolean() : lower,
                    normalizer.path("handle_chinese_chars").asBoolean(true));
        }
        if (kind.equals("Sequence")) {
            Normalization all = new Normalization(false, false, false);
            for (JsonNode one : normalizer.path("normalizers")) {
                Normalization next = of(file, one);
                all = new Normalization(
                        all.lowerCase || next.lowerCase,
                        all.stripAccents || next.stripAccents,
                        all.ideographsApart || next.ideographsApart);
            }
            return all;
        }
        if (kind.equals("Lowercase") || kind.equals("StripAccents") || FORMS.contains(kind)) {
            return new Normalization(kind.equals("Lowercase"), kind.equals("StripAccents"), false);
        }
        throw new IllegalArgumentException("tokenizer '" + file + "' changes texts by '" + kind
                + "' before it splits them; expected BertNormalizer, Lowercase, StripAccents or a Sequence of them");
    }
}
