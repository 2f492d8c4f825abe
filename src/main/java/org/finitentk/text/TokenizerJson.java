package org.finitentk.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a {@code tokenizer.json} of word pieces. */
final class TokenizerJson {
    private static final String KIND = "WordPiece";

    private TokenizerJson() {}

    /**
     * Reads a tokenizer.
     *
     * @param file for errors
     * @throws IllegalArgumentException if it is none, or of another kind
     */
    static Vocabulary read(Path file, byte[] content) {
        JsonNode root;
        try {
            root = new ObjectMapper().readTree(content);
        } catch (IOException e) {
            throw new IllegalArgumentException("tokenizer '" + file + "' is no JSON" + Vocabulary.EXPECTED, e);
        }
        JsonNode model = root.path("model");
        if (!model.isObject()) {
            throw new IllegalArgumentException("tokenizer '" + file + "' has no 'model'; expected a tokenizer.json, "
                    + "not one of the other JSON files that lie beside it, or a vocabulary with one piece a line "
                    + "(vocab.txt)");
        }
        requireWordPieces(file, model);
        Map<String, Integer> ids = new LinkedHashMap<>();
        model.path("vocab").fields().forEachRemaining(piece -> put(file, ids, piece.getKey(), piece.getValue()));
        for (JsonNode token : root.path("added_tokens")) {
            String piece = token.path("content").asText();
            // a piece of the vocabulary keeps its number
            if (!ids.containsKey(piece)) {
                put(file, ids, piece, token.path("id"));
            }
        }
        requireWords(file, root.path("pre_tokenizer"));
        Normalization normalization = Normalization.of(file, root.path("normalizer"));
        return new Vocabulary(
                        file.toString(),
                        ids,
                        normalization,
                        model.path("unk_token").asText(Vocabulary.UNKNOWN),
                        model.path("max_input_chars_per_word").asInt(Vocabulary.LONGEST_WORD),
                        TokenTemplate.of(file, root, ids),
                        AddedTokens.of(root.path("added_tokens"), normalization::prepared))
                .requireWhole();
    }

    private static void requireWordPieces(Path file, JsonNode model) {
        // older files do not name the kind
        String likely = model.has("merges") ? "BPE" : model.path("vocab").isArray() ? "Unigram" : KIND;
        String kind = model.path("type").asText(likely);
        if (!kind.equals(KIND)) {
            throw new IllegalArgumentException("tokenizer '" + file + "' is of kind '" + kind
                    + "'; expected WordPiece, as BERT, DistilBERT, MiniLM, BGE and their kin have");
        }
        if (!model.path("vocab").isObject()) {
            throw new IllegalArgumentException(
                    "tokenizer '" + file + "' has no vocabulary of word pieces; expected pieces with their numbers");
        }
        String prefix = model.path("continuing_subword_prefix").asText("##");
        if (!prefix.equals("##")) {
            throw new IllegalArgumentException(
                    "tokenizer '" + file + "' marks pieces inside words by '" + prefix + "'; expected '##'");
        }
    }

    /** Refuses other words than those between blanks and signs; a tokenizer that does not say it has them. */
    private static void requireWords(Path file, JsonNode given) {
        boolean sequence = given.path("type").asText().equals("Sequence");
        List<String> kinds = new ArrayList<>();
        for (JsonNode one : sequence ? given.path("pretokenizers") : List.of(given)) {
            String kind = one.path("type").asText("null");
            String behavior = one.path("behavior").asText("Isolated");
            kinds.add(behavior.equals("Isolated") ? kind : kind + " " + behavior);
        }
        if (!given.isMissingNode()
                && !kinds.equals(List.of("BertPreTokenizer"))
                && !kinds.equals(List.of("WhitespaceSplit", "Punctuation"))) {
            throw new IllegalArgumentException("tokenizer '" + file + "' splits texts into words by " + kinds
                    + "; expected BertPreTokenizer, as BERT, DistilBERT, MiniLM, BGE and their kin have");
        }
    }

    private static void put(Path file, Map<String, Integer> ids, String piece, JsonNode id) {
        if (!id.isInt() || id.asInt() < 0) {
            throw new IllegalArgumentException("tokenizer '" + file + "' has the piece '" + piece + "' with the number "
                    + id + "; expected a whole number from 0 on");
        }
        ids.put(piece, id.asInt());
    }
}
