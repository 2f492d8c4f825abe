package org.finitentk.text;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.finitentk.backbone.FileProvenance;
import org.finitentk.internal.util.Hashes;
import org.jspecify.annotations.Nullable;
import org.tribuo.Feature;
import org.tribuo.data.text.TextPipeline;
import org.tribuo.util.tokens.Tokenizer;

/**
 * Makes features of a text that keep the order of its word pieces: {@code token:0}, {@code token:1}, …, whose values
 * are the pieces' numbers, for {@link TokenTransformer}. It is used as any of Tribuo's pipelines, in a
 * {@code TextFeatureExtractorImpl} or, for a column of a table, in a {@code TextFieldProcessor}.
 */
public final class WordpiecePipeline implements TextPipeline {
    static final String NAME = "token:";

    @Config(
            mandatory = true,
            description = "The tokenizer: a tokenizer.json of word pieces, or a vocabulary with a piece in each line.")
    private Path tokenizer;

    private @Nullable Vocabulary vocabulary;
    /** Of the file as it was read, which may be gone when provenance is taken. */
    private @Nullable String sha256;

    private @Nullable ThreadLocal<Tokenizer> tokenizers;

    /** For OLCUT. */
    private WordpiecePipeline() {}

    /**
     * A pipeline.
     *
     * @param tokenizer a {@code tokenizer.json} of word pieces, or a vocabulary with a piece in each line
     * @throws PropertyException if it is neither
     */
    public WordpiecePipeline(Path tokenizer) {
        this.tokenizer = tokenizer.toAbsolutePath();
        postConfig();
    }

    /** Reads the tokenizer; OLCUT calls it. */
    @Override
    public void postConfig() {
        try {
            byte[] content = Vocabulary.content(tokenizer);
            Vocabulary read = Vocabulary.of(tokenizer, content);
            vocabulary = read;
            sha256 = Hashes.sha256(content).toUpperCase(Locale.ROOT);
            tokenizers = ThreadLocal.withInitial(read::tokenizer);
        } catch (IllegalArgumentException e) {
            throw new PropertyException(e, "", "tokenizer", String.valueOf(e.getMessage()));
        }
    }

    /**
     * The pieces of a text.
     *
     * @param tag a name for the text, "" for none; it comes before the features' names
     * @param data the text
     * @return a feature for each piece; none for an empty text
     */
    @Override
    public List<Feature> process(String tag, String data) {
        Vocabulary of = vocabulary();
        ThreadLocal<Tokenizer> own = tokenizers;
        if (own == null) {
            throw unconfigured();
        }
        String name = tag.isEmpty() ? NAME : tag + "-" + NAME;
        List<Feature> features = new ArrayList<>();
        for (String piece : of.pieces(data, own.get())) {
            features.add(new Feature(name + features.size(), of.id(piece)));
        }
        return features;
    }

    /**
     * How many numbers of pieces there are.
     *
     * @return one more than the greatest number
     */
    public int vocabularySize() {
        return vocabulary().size();
    }

    /**
     * Whether a feature stands for a word that has no pieces.
     *
     * @param feature one that {@link #process} made
     * @return whether it does
     */
    public boolean isUnknown(Feature feature) {
        return feature.getValue() == vocabulary().id(vocabulary().unknown());
    }

    private Vocabulary vocabulary() {
        Vocabulary known = vocabulary;
        if (known == null) {
            throw unconfigured();
        }
        return known;
    }

    private String sha256() {
        String known = sha256;
        if (known == null) {
            throw unconfigured();
        }
        return known;
    }

    private static IllegalStateException unconfigured() {
        return new IllegalStateException("the pipeline was not configured");
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
        return new WordpiecePipelineProvenance(this);
    }

    /** The configuration of a {@link WordpiecePipeline} and the SHA-256 of its tokenizer. */
    public static final class WordpiecePipelineProvenance extends FileProvenance {
        private static final long serialVersionUID = 1L;

        WordpiecePipelineProvenance(WordpiecePipeline host) {
            super(host, "TextPipeline", Map.of("tokenizer-resource-hash", host.sha256()));
        }

        /**
         * Rebuilds a provenance that was written; OLCUT calls it.
         *
         * @param map configured and instance values
         */
        public WordpiecePipelineProvenance(Map<String, Provenance> map) {
            super(map);
        }
    }
}
