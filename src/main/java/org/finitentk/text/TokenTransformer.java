package org.finitentk.text;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Logger;
import org.finitentk.backbone.InputTransformer;
import org.finitentk.internal.util.Hashes;
import org.finitentk.network.Examples;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.protos.InputTransformerProto;
import org.finitentk.protos.TokenTransformerProto;
import org.jspecify.annotations.Nullable;
import org.tribuo.Example;
import org.tribuo.Feature;

/**
 * Makes the inputs of a transformer network from the tokens that {@link WordpiecePipeline} found: {@code [CLS] text
 * [SEP]}, or {@code [CLS] first [SEP] second [SEP]} of pairs, cut to a length and padded to it, with the mask of what
 * is no padding and the types 0 and 1 of a pair's texts where the network takes them. Inputs are told by their names:
 * one with "mask", one with "type", and the ids.
 */
public final class TokenTransformer implements InputTransformer {
    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    private static final int SHORTEST = 3;
    private static final Logger LOG = Logger.getLogger(TokenTransformer.class.getName());

    @Config(
            mandatory = true,
            description = "The tokenizer: a tokenizer.json of word pieces, or a vocabulary with a piece in each line.")
    private Path tokenizer;

    @Config(
            description =
                    "Tokens of an example, [CLS] and [SEP] among them; longer texts are cut, shorter ones padded.")
    private int length = 128;

    @Config(
            description = "For pairs of texts, their fields or tags in the network's order; empty for one text, "
                    + "whatever it is called.")
    private List<String> texts = new ArrayList<>();

    private final AtomicBoolean told = new AtomicBoolean();
    private @Nullable SpecialTokens special;
    /** What the file had; empty in models that earlier versions stored. */
    private ByteString content = ByteString.EMPTY;

    /** For OLCUT. */
    private TokenTransformer() {}

    /**
     * A transformer for single texts.
     *
     * @param tokenizer a {@code tokenizer.json} of word pieces, or a vocabulary with a piece in each line
     * @param length tokens of an example, at least 3
     */
    public TokenTransformer(Path tokenizer, int length) {
        this(tokenizer, length, List.of());
    }

    /**
     * A transformer for single texts or pairs.
     *
     * @param tokenizer a {@code tokenizer.json} of word pieces, or a vocabulary with a piece in each line
     * @param length tokens of an example, at least 3
     * @param texts of pairs, the two fields or tags in the network's order; empty for one text
     * @throws PropertyException if the tokenizer cannot be read or a setting is out of range
     */
    public TokenTransformer(Path tokenizer, int length, List<String> texts) {
        this.tokenizer = tokenizer.toAbsolutePath();
        this.length = length;
        this.texts = new ArrayList<>(texts);
        postConfig();
    }

    /** Checks the configuration and reads the tokenizer; OLCUT calls it. */
    @Override
    public void postConfig() {
        checkSettings();
        try {
            content = ByteString.copyFrom(Vocabulary.content(tokenizer));
            Vocabulary vocabulary = Vocabulary.of(tokenizer, content.toByteArray());
            special = SpecialTokens.of(vocabulary);
            if (texts.size() > 1 && !vocabulary.template().pairs()) {
                throw new IllegalArgumentException("tokenizer '" + tokenizer
                        + "' joins two texts otherwise than by one "
                        + vocabulary.template().separator() + ", with the types 0 and 1; expected that for pairs, so "
                        + "take one text");
            }
        } catch (IllegalArgumentException e) {
            throw new PropertyException(e, "", "tokenizer", String.valueOf(e.getMessage()));
        }
    }

    private void checkSettings() {
        if (length < SHORTEST) {
            throw new PropertyException(
                    "",
                    "length",
                    "length is " + length + "; expected at least " + SHORTEST + ", [CLS] and [SEP] included");
        }
        if (texts.size() > 2 || texts.size() != new TreeSet<>(texts).size()) {
            throw new PropertyException(
                    "", "texts", "texts are " + texts + "; expected none, one or two different fields or tags");
        }
    }

    /**
     * Reads a stored transformer; Tribuo calls it. Its file is not needed.
     *
     * @param version version of the stored form
     * @param className this class
     * @param message the stored form
     * @return the transformer
     * @throws InvalidProtocolBufferException if it cannot be parsed
     */
    public static TokenTransformer deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        if (version < 0 || version > CURRENT_VERSION) {
            throw new IllegalArgumentException("TokenTransformer has version " + version
                    + "; this program reads versions 0 to " + CURRENT_VERSION);
        }
        TokenTransformerProto proto = message.unpack(TokenTransformerProto.class);
        TokenTransformer read = new TokenTransformer();
        read.tokenizer = Path.of(proto.getTokenizer());
        read.length = proto.getLength();
        read.texts = new ArrayList<>(proto.getTextsList());
        read.special = new SpecialTokens(
                proto.getFirstToken(), proto.getSeparator(), proto.getPadding(), proto.getVocabulary());
        read.content = proto.getTokenizerFile();
        read.checkSettings();
        return read;
    }

    @Override
    public InputTransformerProto serialize() {
        SpecialTokens tokens = special();
        TokenTransformerProto proto = TokenTransformerProto.newBuilder()
                // where it lies is no part of the model, which is the same in another folder
                .setTokenizer(String.valueOf(tokenizer.getFileName()))
                .setLength(length)
                .addAllTexts(texts)
                .setFirstToken(tokens.first())
                .setSeparator(tokens.separator())
                .setPadding(tokens.padding())
                .setVocabulary(tokens.vocabulary())
                .setTokenizerFile(content)
                .build();
        return InputTransformerProto.newBuilder()
                .setVersion(CURRENT_VERSION)
                .setClassName(getClass().getName())
                .setSerializedData(Any.pack(proto))
                .build();
    }

    /**
     * The tokenizer, by which a model's rows are split without its file.
     *
     * @return its bytes by their SHA-256; empty if an earlier version stored the model
     */
    @Override
    public Map<String, ByteString> keptFiles() {
        return content.isEmpty() ? Map.of() : Map.of(Hashes.sha256(content.toByteArray()), content);
    }

    private SpecialTokens special() {
        SpecialTokens tokens = special;
        if (tokens == null) {
            throw new IllegalStateException("the transformer was not configured");
        }
        return tokens;
    }

    @Override
    public InputSizes sizes(List<ValueInfo> inputs) {
        InputSizes sizes = InputSizes.NONE;
        for (ValueInfo input : inputs) {
            if (input.dims().size() == 2) {
                sizes = sizes.and(InputSizes.ofExample(input.name(), List.of(length)));
            }
        }
        return sizes;
    }

    @Override
    public void check(Collection<String> featureNames, List<ValueInfo> inputs) {
        TokenInputs.of(inputs, length);
        TreeSet<String> found = new TreeSet<>();
        for (String name : featureNames) {
            Token token = Token.of(name);
            if (token == null) {
                throw new IllegalArgumentException("feature '" + name + "' is no token; expected names such as '"
                        + WordpiecePipeline.NAME + "0', as WordpiecePipeline makes them of a text");
            }
            found.add(token.text());
        }
        if (texts.isEmpty() ? found.size() > 1 : !texts.containsAll(found)) {
            throw new IllegalArgumentException("the data has tokens of the texts " + found + "; expected "
                    + (texts.isEmpty() ? "one text, or texts of TokenTransformer in the network's order" : texts));
        }
    }

    @Override
    public int countUsed(Example<?> example, List<ValueInfo> inputs) {
        int count = 0;
        for (Feature feature : example) {
            Token token = Token.of(feature.getName());
            count += token != null && (texts.isEmpty() || texts.contains(token.text())) ? 1 : 0;
        }
        return count;
    }

    @Override
    public Examples transform(List<? extends Example<?>> examples, List<ValueInfo> inputs) {
        TokenInputs made = TokenInputs.of(inputs, length);
        TokenRows rows = new TokenRows(special(), length, examples.size());
        for (int i = 0; i < examples.size(); i++) {
            rows.put(i, Token.textsOf(examples.get(i), texts));
        }
        if (rows.shortened() > 0 && told.compareAndSet(false, true)) {
            LOG.warning(rows.shortened() + " of " + examples.size() + " rows have more than " + length
                    + " tokens, [CLS] and [SEP] among them, and lose their ends (later ones are not told); the length, "
                    + "--length of train, says how many a row has");
        }
        return made.examples(rows);
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "InputTransformer");
    }
}
