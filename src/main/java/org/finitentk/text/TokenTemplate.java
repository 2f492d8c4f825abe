package org.finitentk.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The pieces that stand around texts.
 *
 * @param first before the first text
 * @param separator after each text
 * @param padding after the last
 * @param pairs whether two texts are joined as BERT does, by one separator, the second of type 1
 */
record TokenTemplate(String first, String separator, String padding, boolean pairs) {
    static final TokenTemplate BERT = new TokenTemplate("[CLS]", "[SEP]", "[PAD]", true);

    /**
     * Of a {@code tokenizer.json}; one that does not say it has BERT's.
     *
     * @param file for errors
     * @param root the whole
     * @param ids of pieces
     * @throws IllegalArgumentException if texts stand otherwise than between two pieces, padded and cut at their ends
     */
    static TokenTemplate of(Path file, JsonNode root, Map<String, Integer> ids) {
        for (String what : List.of("padding", "truncation")) {
            String side = root.path(what).path("direction").asText("Right");
            if (!side.equalsIgnoreCase("right")) {
                throw refused(
                        file, "has its " + what + " on the side '" + side + "'", "it on the right, where texts end");
            }
        }
        String usual = ids.containsKey(BERT.padding) || !ids.containsKey("<pad>") ? BERT.padding : "<pad>";
        String padding = root.path("padding").path("pad_token").asText(usual);
        return root.has("post_processor") ? around(file, root.path("post_processor"), padding) : padded(BERT, padding);
    }

    private static TokenTemplate padded(TokenTemplate template, String padding) {
        return new TokenTemplate(template.first, template.separator, padding, template.pairs);
    }

    private static TokenTemplate around(Path file, JsonNode post, String padding) {
        String kind = post.path("type").asText("null");
        if (kind.equals("Sequence") && post.path("processors").size() == 1) {
            return around(file, post.path("processors").get(0), padding);
        }
        if (kind.equals("BertProcessing") || kind.equals("RobertaProcessing")) {
            return new TokenTemplate(
                    post.path("cls").path(0).asText(),
                    post.path("sep").path(0).asText(),
                    padding,
                    kind.equals("BertProcessing"));
        }
        if (!kind.equals("TemplateProcessing")) {
            throw refused(
                    file,
                    post.isNull() ? "puts no pieces around texts" : "puts pieces around texts by '" + kind + "'",
                    "TemplateProcessing or BertProcessing");
        }
        List<String> single = pieces(post.path("single"));
        if (single.size() != 3 || !single.get(1).equals("$A:0") || !isFirst(single.get(0)) || !isFirst(single.get(2))) {
            throw refused(file, "puts texts between the pieces " + single, "one before and one after them, of type 0");
        }
        String first = single.get(0).substring(0, single.get(0).length() - 2);
        String last = single.get(2).substring(0, single.get(2).length() - 2);
        List<String> bert = List.of(first + ":0", "$A:0", last + ":0", "$B:1", last + ":1");
        return new TokenTemplate(first, last, padding, pieces(post.path("pair")).equals(bert));
    }

    private static boolean isFirst(String piece) {
        return !piece.startsWith("$") && piece.endsWith(":0");
    }

    /** Pieces and $A, $B for texts, with their types. */
    private static List<String> pieces(JsonNode template) {
        List<String> all = new ArrayList<>();
        for (JsonNode one : template) {
            boolean text = one.has("Sequence");
            JsonNode of = one.path(text ? "Sequence" : "SpecialToken");
            all.add((text ? "$" : "") + of.path("id").asText() + ":"
                    + of.path("type_id").asInt());
        }
        return all;
    }

    private static IllegalArgumentException refused(Path file, String found, String expected) {
        return new IllegalArgumentException("tokenizer '" + file + "' " + found + "; expected " + expected
                + ", as BERT, DistilBERT, MiniLM, BGE and MPNet have");
    }
}
