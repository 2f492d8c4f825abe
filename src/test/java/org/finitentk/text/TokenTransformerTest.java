package org.finitentk.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.logging.Level;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.classification.ClassStructure;
import org.finitentk.classification.ClassificationSettings;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.classification.PriorLogits;
import org.finitentk.internal.util.Hashes;
import org.finitentk.network.Examples;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Pooling;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.protos.TokenTransformerProto;
import org.finitentk.provenance.NotReproducibleException;
import org.finitentk.provenance.Reproduction;
import org.finitentk.testing.LogLines;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.data.columnar.RowProcessor;
import org.tribuo.data.columnar.processors.field.TextFieldProcessor;
import org.tribuo.data.columnar.processors.response.FieldResponseProcessor;
import org.tribuo.data.csv.CSVDataSource;
import org.tribuo.data.text.impl.TextFeatureExtractorImpl;
import org.tribuo.impl.ArrayExample;

@NullUnmarked
class TokenTransformerTest {
    private static final Path TOKENIZER = resource("tokenizer.json");
    private static final Label LABEL = new Label("any");
    private static final List<ValueInfo> INPUTS = List.of(
            new ValueInfo("input_ids", ElementType.INT64, List.of("batch", "length")),
            new ValueInfo("attention_mask", ElementType.INT64, List.of("batch", "length")),
            new ValueInfo("token_type_ids", ElementType.INT32, List.of("batch", "length")));
    private static final String TABLE = """
            label,text
            good,the happy dog played
            good,a good bird sang in the tree
            good,"happy cat, happy house!"
            good,the dog ran and jumped
            bad,the sad cat sat
            bad,"not good, very bad"
            bad,a bad fish swam in the sea
            bad,the bird is not happy
            """;

    @TempDir
    private Path folder;

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(TokenTransformerTest.class.getResource(name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Example<Label> example(String text) {
        return new TextFeatureExtractorImpl<Label>(new WordpiecePipeline(TOKENIZER)).extract(LABEL, text);
    }

    private static Example<Label> tokens(String prefix, double... ids) {
        ArrayExample<Label> example = new ArrayExample<>(LABEL);
        add(example, prefix, ids);
        return example;
    }

    private static void add(ArrayExample<Label> example, String prefix, double... ids) {
        for (int i = 0; i < ids.length; i++) {
            example.add(new Feature(prefix + "token:" + i, ids[i]));
        }
    }

    private static long[] row(Examples x, String input) {
        return Objects.requireNonNull(x.inputs().get(input)).toLongs();
    }

    @Test
    void wordsBecomeTheirPieces() {
        List<Feature> features = new WordpiecePipeline(TOKENIZER).process("", "The DOG played, zebra");
        assertEquals(
                List.of("token:0", "token:1", "token:2", "token:3", "token:4", "token:5"),
                features.stream().map(Feature::getName).toList());
        Map<String, Integer> ids = Vocabulary.read(TOKENIZER).ids();
        assertEquals(
                List.of("the", "dog", "play", "##ed", ",", "[UNK]").stream()
                        .map(piece -> (double) ids.get(piece))
                        .toList(),
                features.stream().map(Feature::getValue).toList());
    }

    @Test
    void aListOfPiecesIsATokenizerToo() throws IOException {
        Path lines = folder.resolve("vocab.txt");
        Files.write(lines, Vocabulary.read(TOKENIZER).ids().keySet());
        assertEquals(
                new WordpiecePipeline(TOKENIZER).process("", "A very happy bird!"),
                new WordpiecePipeline(lines).process("", "A very happy bird!"));
    }

    @Test
    void textsAreFramedAndPadded() {
        Examples x = new TokenTransformer(TOKENIZER, 6)
                .transform(List.of(tokens("", 6, 7), tokens("text@", 8, 9, 10, 11, 12)), INPUTS);
        assertArrayEquals(new long[] {2, 6, 7, 3, 0, 0, 2, 8, 9, 10, 11, 3}, row(x, "input_ids"));
        assertArrayEquals(new long[] {1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1}, row(x, "attention_mask"));
        Tensor types = Objects.requireNonNull(x.inputs().get("token_type_ids"));
        assertEquals(ElementType.INT32, types.type());
        assertArrayEquals(new long[12], types.toLongs());
    }

    @Test
    void pairsHaveTwoTypesAndLoseTheLongestTextsEnd() {
        ArrayExample<Label> pair = new ArrayExample<>(LABEL);
        add(pair, "question@", 6, 7);
        add(pair, "answer@", 8, 9, 10, 11, 12);
        Examples x = new TokenTransformer(TOKENIZER, 8, List.of("question", "answer")).transform(List.of(pair), INPUTS);
        assertArrayEquals(new long[] {2, 6, 7, 3, 8, 9, 10, 3}, row(x, "input_ids"));
        assertArrayEquals(new long[] {0, 0, 0, 0, 1, 1, 1, 1}, row(x, "token_type_ids"));
    }

    private static String refused(Example<Label> example) {
        return String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> new TokenTransformer(TOKENIZER, 6).transform(List.of(tokens("", 5), example), INPUTS))
                .getMessage());
    }

    @Test
    void tokensThatNobodyKnowsAndEmptyTextsAreRefused() {
        assertTrue(
                refused(tokens("", 40)).contains("example 1 has the token 40, which is beyond the vocabulary of 40"));
        assertTrue(refused(tokens("", -1)).contains("token -1"));
        assertTrue(refused(tokens("", 2.5)).contains("token 2.5"));
        assertTrue(refused(new ArrayExample<>(LABEL)).contains("example 1 has no tokens: its text is empty"));
    }

    @Test
    void whatIsNoTokenIsRefusedBeforeTraining() {
        TokenTransformer transformer = new TokenTransformer(TOKENIZER, 6);
        transformer.check(List.of("text@token:0", "text@token:1"), INPUTS);
        assertThrows(IllegalArgumentException.class, () -> transformer.check(List.of("token:0", "age@value"), INPUTS));
        assertThrows(
                IllegalArgumentException.class, () -> transformer.check(List.of("a@token:0", "b@token:0"), INPUTS));
        List<ValueInfo> longer = List.of(new ValueInfo("input_ids", ElementType.INT64, List.of("n", "9")));
        assertThrows(IllegalArgumentException.class, () -> transformer.check(List.of("token:0"), longer));
        List<ValueInfo> two = new ArrayList<>(INPUTS);
        two.add(new ValueInfo("more_ids", ElementType.INT64, List.of("n", "length")));
        assertThrows(IllegalArgumentException.class, () -> transformer.check(List.of("token:0"), two));
    }

    @Test
    void settingsThatCannotBeAreRefused() throws IOException {
        assertThrows(PropertyException.class, () -> new TokenTransformer(TOKENIZER, 2));
        assertThrows(PropertyException.class, () -> new TokenTransformer(TOKENIZER, 8, List.of("a", "a")));
        assertThrows(PropertyException.class, () -> new WordpiecePipeline(folder.resolve("absent.json")));
        Path other = Files.writeString(folder.resolve("bpe.json"), "{\"model\": {\"type\": \"BPE\"}}");
        assertThrows(PropertyException.class, () -> new WordpiecePipeline(other));
        Path lacking = Files.writeString(folder.resolve("vocab.txt"), "a\nb\n");
        assertThrows(PropertyException.class, () -> new TokenTransformer(lacking, 8));
    }

    private String refusal(String name, String content) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        return assertThrows(PropertyException.class, () -> new WordpiecePipeline(file))
                .getMsg();
    }

    @Test
    void filesThatAreNoTokenizerAreRefusedForWhatTheyAre() throws IOException {
        String pieces = "\"[CLS]\":0,\"[SEP]\":1,\"[PAD]\":2,\"[UNK]\":3";
        assertTrue(refusal("a.json", "{\"model\":{\"type\":\"BPE\"}}").contains("is of kind 'BPE'"));
        assertTrue(refusal("a.json", "{\"model\":{\"vocab\":{},\"merges\":[]}}").contains("is of kind 'BPE'"));
        assertTrue(refusal("a.json", "{\"model\":{\"vocab\":[[\"a\",1]]}}").contains("is of kind 'Unigram'"));
        assertTrue(refusal("a.json", "{\"a\":1}").contains("has no 'model'"));
        assertTrue(refusal("a.json", "{\"model\"").contains("is no JSON"));
        assertTrue(
                refusal("a.json", "{\"model\":{\"vocab\":{\"[CLS]\":\"0\"}}}").contains("the piece '[CLS]'"));
        String replacing = "{\"normalizer\":{\"type\":\"Replace\"},\"model\":{\"vocab\":{" + pieces + "}}}";
        assertTrue(refusal("a.json", replacing).contains("changes texts by 'Replace'"));
        assertTrue(refusal("vocab.txt", "label,review\ngood,fine\n\n\n").contains("has no piece '[CLS]'"));
        assertTrue(refusal("vocab.txt", "[CLS]\n[SEP]\n[PAD]\n[UNK]\na\na\n").contains("the piece 'a' twice"));
        Path bytes = Files.write(folder.resolve("network.onnx"), new byte[] {8, 7, -1, -2});
        assertTrue(assertThrows(PropertyException.class, () -> new WordpiecePipeline(bytes))
                .getMsg()
                .contains("is no text in UTF-8"));
        assertTrue(assertThrows(PropertyException.class, () -> new WordpiecePipeline(folder.resolve("absent.json")))
                .getMsg()
                .contains("does not exist"));
    }

    @Test
    void whatBecomesOfLettersIsSaidInSequencesToo() throws IOException {
        String whole = Files.readString(TOKENIZER);
        String sequence = whole.replaceFirst(
                "\"normalizer\": \\{[^}]*}",
                "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFD\"}, "
                        + "{\"type\": \"Lowercase\"}, {\"type\": \"StripAccents\"}]}");
        assertTrue(sequence.contains("StripAccents"), sequence);
        Path file = Files.writeString(folder.resolve("sequence.json"), sequence);
        assertEquals(
                new WordpiecePipeline(TOKENIZER).process("", "The DÓG"),
                new WordpiecePipeline(file).process("", "The DÓG"));
    }

    @Test
    void rowsThatLoseTheirEndsAreToldOnce() {
        try (LogLines lines = new LogLines(TokenTransformer.class)) {
            TokenTransformer transformer = new TokenTransformer(TOKENIZER, 4);
            List<Example<Label>> fitting = List.of(tokens("", 5, 6), tokens("", 5));
            transformer.transform(fitting, INPUTS);
            assertEquals(List.of(), lines.of(Level.WARNING));
            List<Example<Label>> longer = List.of(tokens("", 5, 6), tokens("", 5, 6, 7), tokens("", 5));
            transformer.transform(longer, INPUTS);
            transformer.transform(longer, INPUTS);
            assertEquals(1, lines.of(Level.WARNING).size());
            assertTrue(lines.of(Level.WARNING).get(0).startsWith("1 of 3 rows have more than 4 tokens"));
        }
    }

    /** The fixture's tokenizer with settings of its own. */
    private Path with(String name, String settings) throws IOException {
        String whole = Files.readString(TOKENIZER);
        String changed = whole.replaceFirst("\\{", "{" + settings + ",");
        return Files.writeString(folder.resolve(name), changed);
    }

    private String refused(String settings) throws IOException {
        Path file = with("refused.json", settings);
        return assertThrows(PropertyException.class, () -> new WordpiecePipeline(file))
                .getMsg();
    }

    @Test
    void settingsThatWordPiecesDoNotHonourAreRefused() throws IOException {
        String around = "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":";
        assertTrue(refused("\"post_processor\":null").contains("puts no pieces around texts"));
        assertTrue(refused("\"post_processor\":{\"type\":\"ByteLevel\"}").contains("by 'ByteLevel'"));
        String open = around + "[{\"SpecialToken\":{\"id\":\"[CLS]\",\"type_id\":0}},"
                + "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}]}";
        assertTrue(refused(open).contains("between the pieces [[CLS]:0, $A:0]"), refused(open));
        assertTrue(refused("\"padding\":{\"direction\":\"Left\"}").contains("padding on the side 'Left'"));
        assertTrue(refused("\"truncation\":{\"direction\":\"Left\"}").contains("truncation on the side 'Left'"));
        for (String words : List.of("null", "{\"type\":\"Whitespace\"}", "{\"type\":\"Metaspace\"}")) {
            assertTrue(refused("\"pre_tokenizer\":" + words).contains("splits texts into words by"), words);
        }
        String dirty = Files.readString(TOKENIZER)
                .replaceFirst("\"lowercase\": true", "\"lowercase\": true, \"clean_text\": false");
        Path file = Files.writeString(folder.resolve("dirty.json"), dirty);
        assertTrue(assertThrows(PropertyException.class, () -> new WordpiecePipeline(file))
                .getMsg()
                .contains("clean_text"));
    }

    @Test
    void lettersAreTheSameInEveryLanguageOfTheComputer() {
        Locale usual = Locale.getDefault();
        List<Feature> expected = new WordpiecePipeline(TOKENIZER).process("", "fish in the tree");
        try {
            Locale.setDefault(Locale.forLanguageTag("tr"));
            assertEquals(expected, new WordpiecePipeline(TOKENIZER).process("", "FISH IN THE TREE"));
        } finally {
            Locale.setDefault(usual);
        }
    }

    /** As Hugging Face's tokenizers 0.22 have them. */
    @Test
    void addedTokensAreFoundInsideTexts() throws IOException {
        assertEquals(
                List.of("the", "[MASK]", "dog", "[SEP]", "sat", "."), pieces(TOKENIZER, "The [MASK] dog[SEP]sat."));
        // other letters are other words
        assertFalse(pieces(TOKENIZER, "the [mask] dog").contains("[MASK]"));
        String added = Files.readString(TOKENIZER)
                .replaceFirst(
                        "\"added_tokens\": \\[",
                        "\"added_tokens\": ["
                                + "{\"id\":40,\"content\":\"Dog\",\"normalized\":true},"
                                + "{\"id\":41,\"content\":\"do\",\"normalized\":true},"
                                + "{\"id\":42,\"content\":\"<N>\",\"normalized\":false},"
                                + "{\"id\":43,\"content\":\"cat\",\"normalized\":false,\"single_word\":true},");
        Path file = Files.writeString(folder.resolve("added.json"), added);
        assertEquals(
                List.of("the", "Dog", "Dog", "do", "<N>", "[UNK]", "[UNK]", "[UNK]", "cat", ".", "cat", "##s"),
                pieces(file, "the doGDOG do <N> <n> cat. cats"));
        // a piece of the vocabulary keeps its number
        assertEquals(7, new WordpiecePipeline(file).process("", "cat").get(0).getValue());
    }

    private static List<String> pieces(Path tokenizer, String text) {
        Vocabulary vocabulary = Vocabulary.read(tokenizer);
        return vocabulary.pieces(text, vocabulary.tokenizer());
    }

    @Test
    void settingsOfPublishedTokenizersAreHonoured() throws IOException {
        String bert = "\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},\"padding\":null,\"post_processor\":"
                + "{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",3],\"cls\":[\"[CLS]\",2]}";
        assertEquals(
                new WordpiecePipeline(TOKENIZER).process("", "the dog."),
                new WordpiecePipeline(with("bert.json", bert)).process("", "the dog."));
        // as MPNet: other pieces, of which two are between two texts
        String roberta = "\"padding\":{\"pad_token\":\"[UNK]\"},\"post_processor\":"
                + "{\"type\":\"RobertaProcessing\",\"sep\":[\"[MASK]\",4],\"cls\":[\"[SEP]\",3]}";
        Path other = with("roberta.json", roberta);
        TokenTransformerProto stored =
                new TokenTransformer(other, 6).serialize().getSerializedData().unpack(TokenTransformerProto.class);
        assertEquals(3, stored.getFirstToken());
        assertEquals(4, stored.getSeparator());
        assertEquals(1, stored.getPadding());
        assertTrue(assertThrows(PropertyException.class, () -> new TokenTransformer(other, 8, List.of("a", "b")))
                .getMsg()
                .contains("joins two texts otherwise"));
        // capitals stay, accents go; full-width letters are letters
        String cased = Files.readString(TOKENIZER)
                .replaceFirst("\"lowercase\": true", "\"lowercase\": false")
                .replaceFirst("\"strip_accents\": null", "\"strip_accents\": true");
        Path accents = Files.writeString(folder.resolve("accents.json"), cased);
        assertEquals(
                new WordpiecePipeline(TOKENIZER).process("", "the dog"),
                new WordpiecePipeline(accents).process("", "the dóg"));
        assertTrue(new WordpiecePipeline(accents)
                .process("", "DOG").stream().allMatch(new WordpiecePipeline(accents)::isUnknown));
        String wide = Files.readString(TOKENIZER)
                .replaceFirst(
                        "\"normalizer\": \\{[^}]*}",
                        "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFKC\"}]}");
        assertEquals(
                new WordpiecePipeline(TOKENIZER).process("", "the dog"),
                new WordpiecePipeline(Files.writeString(folder.resolve("wide.json"), wide))
                        .process("", "the \uff44\uff4f\uff47"));
    }

    @Test
    void theTokenizerIsKept() throws IOException {
        TokenTransformer made = new TokenTransformer(TOKENIZER, 6);
        TokenTransformerProto stored = made.serialize().getSerializedData().unpack(TokenTransformerProto.class);
        byte[] content = Files.readAllBytes(TOKENIZER);
        assertArrayEquals(content, stored.getTokenizerFile().toByteArray());
        assertEquals(Set.of(Hashes.sha256(content)), made.keptFiles().keySet());
        TokenTransformer earlier = TokenTransformer.deserializeFromProto(
                0,
                TokenTransformer.class.getName(),
                Any.pack(stored.toBuilder().clearTokenizerFile().build()));
        assertEquals(Map.of(), earlier.keptFiles());
    }

    @Test
    void aTextColumnIsTrainedOnStoredAndReproduced() throws IOException {
        Path tokenizer = Files.copy(TOKENIZER, folder.resolve("tokenizer.json"));
        Path table = Files.writeString(folder.resolve("texts.csv"), TABLE);
        RowProcessor<Label> rows = new RowProcessor.Builder<Label>()
                .setFieldProcessors(List.of(new TextFieldProcessor("text", new WordpiecePipeline(tokenizer))))
                .build(new FieldResponseProcessor<>("label", "", new LabelFactory()));
        MutableDataset<Label> data = new MutableDataset<>(new CSVDataSource<>(table, rows, true));
        OnnxBackbone backbone = OnnxBackbone.builder(resource("encoder.onnx"))
                .inputTransformer(new TokenTransformer(tokenizer, 12))
                .pooling(Pooling.MASKED_MEAN, "")
                .build();
        Model<Label> model = new FiniteNTKClassificationTrainer(
                        backbone,
                        ClassificationSettings.DEFAULT
                                .withStructure(ClassStructure.SHARED, 0, PriorLogits.ZERO)
                                .withPriorVariance(10, false))
                .train(data);
        List<Prediction<Label>> predictions = model.predict(data);
        assertEquals(
                8,
                predictions.stream()
                        .filter(p -> p.getOutput().equals(p.getExample().getOutput()))
                        .count());
        Model<?> stored = Model.deserialize(model.serialize());
        for (int i = 0; i < data.size(); i++) {
            assertEquals(
                    predictions.get(i).getOutputScores(),
                    stored.castModel(Label.class).predict(data.getExample(i)).getOutputScores());
        }
        Reproduction reproduction = Reproduction.of(model);
        assertTrue(reproduction.reproduce(ProgressListener.NONE).identical());
        Path other = Files.move(tokenizer, folder.resolve("a-tokenizer-of-another-name.json"));
        String missing = String.valueOf(
                assertThrows(NotReproducibleException.class, () -> reproduction.reproduce(ProgressListener.NONE))
                        .getMessage());
        assertTrue(missing.contains("tokenizer.json' (WordpiecePipeline) is missing"), missing);
        assertTrue(missing.contains("--moved OLD=NEW"), missing);
        assertTrue(reproduction
                .moved(tokenizer, other)
                .reproduce(ProgressListener.NONE)
                .identical());
    }

    @Test
    void aTextAloneIsPredicted() {
        assertEquals(3, example("the dog sat").size());
    }
}
