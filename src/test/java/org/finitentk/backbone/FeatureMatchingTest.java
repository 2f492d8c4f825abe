package org.finitentk.backbone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.finitentk.internal.tribuo.Findings;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.ValueInfo;
import org.finitentk.protos.InputMappingProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.ImmutableDataset;
import org.tribuo.MutableDataset;
import org.tribuo.dataset.DatasetView;
import org.tribuo.dataset.MinimumCardinalityDataset;
import org.tribuo.hash.MessageDigestHasher;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;

/** Which column is which input, by everything but the trainers. */
final class FeatureMatchingTest {
    private static final Path ANY = Path.of("never-opened.onnx");
    private static final OnnxBackbone PLAIN = new OnnxBackbone(ANY);
    private static final RegressionFactory FACTORY = new RegressionFactory();
    private static final List<String> WINE = List.of("fixed acidity", "volatile acidity", "pH", "alcohol");

    private static List<ValueInfo> vector(int size) {
        return List.of(new ValueInfo("x", ElementType.FLOAT, List.of("n", Integer.toString(size))));
    }

    private static List<ValueInfo> columns(String... names) {
        return Arrays.stream(names)
                .map(name -> new ValueInfo(name, ElementType.FLOAT, List.of("n", "1")))
                .toList();
    }

    private static Example<Regressor> example(List<String> names) {
        return new ArrayExample<>(
                new Regressor("y", 0),
                names.toArray(String[]::new),
                IntStream.range(0, names.size()).mapToDouble(i -> i + 1).toArray());
    }

    private static MutableDataset<Regressor> dataset(List<List<String>> examples) {
        MutableDataset<Regressor> data = new MutableDataset<>(new SimpleDataSourceProvenance("test", FACTORY), FACTORY);
        examples.forEach(names -> data.add(example(names)));
        return data;
    }

    private static MutableDataset<Regressor> table(List<String> columns) {
        return dataset(List.of(columns, columns));
    }

    private static InputMapping match(OnnxBackbone backbone, Dataset<?> data, List<ValueInfo> inputs, String... named) {
        return backbone.matching().match(DataFeatures.of(data), inputs, List.of(named));
    }

    private static String refusal(OnnxBackbone backbone, Dataset<?> data, List<ValueInfo> inputs, String... named) {
        return String.valueOf(assertThrows(IllegalArgumentException.class, () -> match(backbone, data, inputs, named))
                .getMessage());
    }

    @Test
    void namesThatPeopleGiveAreRefusedWithoutALineToPaste() {
        String sentence = refusal(PLAIN, table(WINE), vector(4));
        assertTrue(
                sentence.contains("'alcohol', 'fixed acidity', 'pH', 'volatile acidity', in alphabetical order, "
                        + "which is not the network's"),
                sentence);
        assertTrue(sentence.contains("features") && sentence.contains("[n, 4]"), sentence);
        assertFalse(sentence.contains("<") || sentence.contains("List.of") || sentence.contains("\n"), sentence);
    }

    @Test
    void aListIsTheOrder() {
        OnnxBackbone listing = OnnxBackbone.builder(ANY).features(WINE).build();
        assertEquals(
                WINE,
                match(listing, table(List.of("pH", "alcohol", "volatile acidity", "fixed acidity")), vector(4))
                        .features());
        assertEquals(
                WINE, match(listing, table(WINE), vector(4), "a", "b", "c", "d").features());
    }

    static Stream<Object[]> listsOfTheNetwork() {
        return Stream.of(
                new Object[] {WINE, WINE, WINE},
                new Object[] {
                    WINE.stream().map(name -> name + "@value").toList(),
                    WINE,
                    WINE.stream().map(name -> name + "@value").toList()
                },
                new Object[] {WINE, WINE.stream().map(name -> name + "@value").toList(), WINE},
                // Before numbers and before anything else.
                new Object[] {List.of("x0", "x1"), List.of("x1", "x0"), List.of("x1", "x0")});
    }

    @ParameterizedTest
    @MethodSource("listsOfTheNetwork")
    void theNetworksOwnListIsTheOrder(List<String> data, List<String> named, List<String> expected) {
        List<String> reversed = new ArrayList<>(data);
        java.util.Collections.reverse(reversed);
        assertEquals(
                expected,
                match(PLAIN, table(reversed), vector(data.size()), named.toArray(String[]::new))
                        .features());
    }

    @Test
    void explicitOrdersAreNotOverruledByTheNetworksList() {
        OnnxBackbone sorted = OnnxBackbone.builder(ANY).sortedFeatures().build();
        assertEquals(
                List.of("x1", "x2", "x10"),
                match(sorted, table(List.of("x10", "x2", "x1")), vector(3), "x10", "x1", "x2")
                        .features());
        OnnxBackbone numbered = OnnxBackbone.builder(ANY).numberedFeatures(0).build();
        assertEquals(
                "numbered from 0 to 2",
                match(numbered, table(List.of("x2", "x1")), vector(3), "x2", "x1", "x0")
                        .describe());
    }

    @Test
    void oneFeatureForOneElementIsEvident() {
        assertEquals(
                List.of("alcohol"),
                match(PLAIN, table(List.of("alcohol")), vector(1)).features());
        assertEquals(
                List.of("alcohol"),
                match(PLAIN, table(List.of("alcohol")), List.of(new ValueInfo("x", ElementType.FLOAT, List.of("n"))))
                        .features());
    }

    @Test
    void numbersAreEvidentForAsManyElementsAndNotForOthers() {
        List<String> names = List.of("p@value", "q@value");
        assertEquals(
                List.of("x0@value", "x1@value"),
                match(PLAIN, table(List.of("x1@value", "x0@value")), vector(2)).features());
        assertTrue(refusal(PLAIN, table(names), vector(2)).contains("alphabetical"));
        assertTrue(refusal(PLAIN, table(List.of("x0", "x1", "x2")), vector(2)).contains("3 features"));
        // A symbolic size takes the data's; the order is as evident as ever.
        List<ValueInfo> open = List.of(new ValueInfo("x", ElementType.FLOAT, List.of("n", "d")));
        assertEquals(
                List.of("x1", "x2"),
                match(PLAIN, table(List.of("x2", "x1")), open).features());
        assertTrue(refusal(PLAIN, table(WINE), open).contains("alphabetical"));
    }

    /** Pixels that are 0 everywhere are in no sparse file. */
    @Test
    void gapsAreRefusedWithTheOrderThatMayBeMeant() {
        List<ValueInfo> image = List.of(new ValueInfo("image", ElementType.FLOAT, List.of("n", "1", "2", "3")));
        String fromZero = refusal(PLAIN, dataset(List.of(List.of("0", "2", "5"), List.of("3", "2"))), image);
        assertTrue(
                fromZero.contains("NUMBERED")
                        && fromZero.contains("firstNumber 0")
                        && fromZero.contains("2 never occur"),
                fromZero);
        String fromOne = refusal(PLAIN, dataset(List.of(List.of("p1", "p6"), List.of("p3"))), image);
        assertTrue(fromOne.contains("firstNumber 1") && fromOne.contains("3 never occur"), fromOne);
        String either = refusal(PLAIN, dataset(List.of(List.of("p1", "p5"), List.of("p3"))), image);
        assertTrue(either.contains("firstNumber 0 or 1") && either.contains("3 never occur"), either);
        // Names that only end in numbers are no positions.
        for (List<String> others : List.of(
                List.of("CO2", "PM10"),
                List.of("a1", "b2"),
                List.of("x1", "x9"),
                List.of("x1", "x01"),
                List.of("x0", "x6"))) {
            String sentence = refusal(PLAIN, table(others), image);
            assertFalse(sentence.contains("NUMBERED"), sentence);
        }
    }

    @Test
    void inputsOfOneElementTakeTheFeaturesOfTheirNames() {
        List<ValueInfo> inputs = columns("pH", "alcohol", "density");
        assertEquals(
                List.of("pH", "alcohol", "density"),
                match(PLAIN, table(List.of("alcohol", "density", "pH")), inputs).features());
        assertEquals(
                List.of("pH@value", "alcohol@value", "density@value"),
                match(PLAIN, table(List.of("alcohol@value", "density@value", "pH@value")), inputs)
                        .features());
        assertTrue(refusal(PLAIN, table(List.of("alcohol", "pH")), inputs).contains("'pH', 'alcohol', 'density'"));
        assertTrue(refusal(PLAIN, table(List.of("alcohol", "pH", "density", "id")), inputs)
                .contains("'id'"));
        OnnxBackbone ignoring =
                OnnxBackbone.builder(ANY).ignoreUnlistedFeatures().build();
        assertEquals(
                List.of("pH", "alcohol", "density"),
                match(ignoring, table(List.of("alcohol", "pH", "density", "id")), inputs)
                        .features());
        assertTrue(
                refusal(ignoring, table(List.of("alcohol", "pH", "id")), inputs).contains("'id'"));
        assertTrue(refusal(OnnxBackbone.builder(ANY).sortedFeatures().build(), table(List.of("pH", "alcohol")), inputs)
                .contains("inputTransformer"));
    }

    @Test
    void aListThatTheInputsNamesContradictIsRefused() {
        List<ValueInfo> inputs = columns("serving_default_pH:0", "serving_default_alcohol:0");
        MutableDataset<Regressor> data = table(List.of("alcohol", "pH"));
        assertEquals(List.of("pH", "alcohol"), match(PLAIN, data, inputs).features());
        OnnxBackbone exchanged =
                OnnxBackbone.builder(ANY).features(List.of("alcohol", "pH")).build();
        assertTrue(refusal(exchanged, data, inputs)
                .contains("gives 'alcohol' to the network's input 'serving_default_pH:0', but the network has an input "
                        + "'serving_default_alcohol:0'"));
        OnnxBackbone right =
                OnnxBackbone.builder(ANY).features(List.of("pH", "alcohol")).build();
        assertEquals(List.of("pH", "alcohol"), match(right, data, inputs).features());
        assertEquals(
                List.of("alcohol", "pH"),
                match(exchanged, data, columns("a", "b")).features());
        assertTrue(refusal(PLAIN, data, inputs, "alcohol", "pH").contains("metadata"));
    }

    @Test
    void severalInputsAreFilledOneAfterTheOther() {
        List<ValueInfo> inputs = List.of(
                new ValueInfo("a", ElementType.FLOAT, List.of("n", "2")),
                new ValueInfo("b", ElementType.INT64, List.of("n")),
                new ValueInfo("c", ElementType.DOUBLE, List.of("n", "1", "1")));
        OnnxBackbone listing = OnnxBackbone.builder(ANY).features(WINE).build();
        InputMapping mapping = match(listing, table(WINE), inputs);
        for (InputMapping either : List.of(mapping, InputMapping.deserializeFromProto(mapping.serialize(), inputs))) {
            Map<String, List<Double>> values = new LinkedHashMap<>();
            either.toExamples(List.of(example(WINE)))
                    .inputs()
                    .forEach((name, tensor) -> values.put(
                            name, Arrays.stream(tensor.toDoubles()).boxed().toList()));
            assertEquals(Map.of("a", List.of(1.0, 2.0), "b", List.of(3.0), "c", List.of(4.0)), values);
            assertEquals(List.of("a", "b", "c"), List.copyOf(values.keySet()));
        }
        assertTrue(
                refusal(OnnxBackbone.builder(ANY).features(WINE).inputShape(4).build(), table(WINE), inputs)
                        .contains("inputShape"));
        List<ValueInfo> open = List.of(inputs.get(0), new ValueInfo("ids", ElementType.INT64, List.of("n", "length")));
        assertTrue(refusal(listing, table(WINE), open).contains("inputTransformer"));
    }

    @Test
    void columnsThatAreNotListedAreRefusedOrIgnoredOnRequest() {
        List<String> wider = new ArrayList<>(WINE);
        wider.add(1, "id");
        OnnxBackbone listing = OnnxBackbone.builder(ANY).features(WINE).build();
        assertTrue(refusal(listing, table(wider), vector(4)).contains("'id'"));
        assertTrue(refusal(PLAIN, table(wider), vector(4), WINE.toArray(String[]::new))
                .contains("finite_ntk.features"));
        OnnxBackbone ignoring = OnnxBackbone.builder(ANY)
                .features(WINE)
                .ignoreUnlistedFeatures()
                .build();
        assertEquals(WINE, match(ignoring, table(wider), vector(4)).features());
        assertEquals(
                WINE,
                match(
                                OnnxBackbone.builder(ANY)
                                        .ignoreUnlistedFeatures()
                                        .build(),
                                table(wider),
                                vector(4),
                                WINE.toArray(String[]::new))
                        .features());
        // Nothing would be left.
        assertTrue(refusal(ignoring, table(List.of("Alcohol", "PH")), vector(4)).contains("'Alcohol'"));
    }

    @Test
    void hashedNamesAreRefusedWhateverTheOrder() {
        Dataset<Regressor> hashed = ImmutableDataset.hashFeatureMap(
                table(List.of("x0", "x1")), new MessageDigestHasher("SHA-256", "abcdefghijklmnop"));
        List<OnnxBackbone> all = List.of(
                PLAIN,
                OnnxBackbone.builder(ANY).sortedFeatures().build(),
                OnnxBackbone.builder(ANY).numberedFeatures(0).build(),
                OnnxBackbone.builder(ANY).features(List.of("x0", "x1")).build(),
                OnnxBackbone.builder(ANY)
                        .inputTransformer(new NamedInputTransformer())
                        .build());
        for (OnnxBackbone backbone : all) {
            assertTrue(refusal(backbone, hashed, vector(2)).contains("HashingTrainer"));
            Dataset<Regressor> view = DatasetView.createView(hashed, e -> true, "all");
            assertTrue(refusal(backbone, view, vector(2)).contains("HashingTrainer"));
        }
    }

    @Test
    void featureMapsWithNamesOfOtherDataAreSeenThrough() {
        MutableDataset<Regressor> mixed =
                dataset(List.of(List.of("x0", "x1"), List.of("x0", "x1"), List.of("z"), List.of("z")));
        DatasetView<Regressor> part =
                DatasetView.createView(mixed, e -> e.iterator().next().getName().startsWith("x"), "x");
        assertEquals(List.of("x0", "x1"), match(PLAIN, part, vector(2)).features());
        OnnxBackbone listing =
                OnnxBackbone.builder(ANY).features(List.of("x1", "x0")).build();
        assertEquals(List.of("x1", "x0"), match(listing, part, vector(2)).features());
        assertTrue(refusal(listing, mixed, vector(2)).contains("'z'"));
        // A fold without the rare feature has it in its map.
        MutableDataset<Regressor> sparse = dataset(List.of(List.of("x0", "x1"), List.of("x0"), List.of("x0")));
        DatasetView<Regressor> fold = DatasetView.createView(sparse, e -> e.size() == 1, "fold");
        assertEquals(List.of("x0", "x1"), match(PLAIN, fold, vector(2)).features());
        // Features below the least cardinality are in no example any more.
        assertEquals(
                List.of("x0"),
                match(PLAIN, new MinimumCardinalityDataset<>(sparse, 2), vector(1))
                        .features());
    }

    private static String lacking(InputMapping mapping, List<String> names) {
        List<Example<Regressor>> batch = List.of(example(WINE), example(names));
        return String.valueOf(assertThrows(IllegalArgumentException.class, () -> mapping.toExamples(batch, 40))
                .getMessage());
    }

    @Test
    void whatEveryTrainingExampleHadMayNotBeMissing() {
        OnnxBackbone listing = OnnxBackbone.builder(ANY).features(WINE).build();
        MutableDataset<Regressor> sometimes = dataset(List.of(WINE, List.of("pH", "alcohol", "volatile acidity")));
        InputMapping mapping = match(listing, sometimes, vector(4));
        for (InputMapping either :
                List.of(mapping, InputMapping.deserializeFromProto(mapping.serialize(), vector(4)))) {
            String sentence = lacking(either, List.of("pH", "fixed acidity"));
            assertTrue(
                    sentence.startsWith("example 41 lacks the feature 'volatile acidity' and 1 more, which every "
                            + "training example had"),
                    sentence);
            assertTrue(
                    lacking(either, List.of("pH", "volatile acidity", "id")).contains("lacks the feature 'alcohol',"));
            double[] zero = either.toExamples(List.of(example(List.of("pH", "alcohol", "volatile acidity", "id"))))
                    .inputs()
                    .values()
                    .iterator()
                    .next()
                    .toDoubles();
            assertEquals(
                    List.of(0.0, 3.0, 1.0, 2.0), Arrays.stream(zero).boxed().toList());
        }
        // A feature twice is still one feature.
        assertTrue(lacking(mapping, List.of("pH", "pH", "alcohol")).contains("'volatile acidity'"));
    }

    @Test
    void olderModelsAndNumberedFeaturesHaveZeros() {
        InputMapping listed = match(OnnxBackbone.builder(ANY).features(WINE).build(), table(WINE), vector(4));
        InputMappingProto older = listed.serialize().toBuilder().clearRequired().build();
        InputMapping numbered = match(
                OnnxBackbone.builder(ANY).numberedFeatures(0).build(),
                table(List.of("x0", "x1", "x2", "x3")),
                vector(4));
        InputMapping evident = match(PLAIN, table(List.of("x0", "x1", "x2", "x3")), vector(4));
        assertEquals(
                1,
                InputMapping.deserializeFromProto(older, vector(4))
                        .toExamples(List.of(example(List.of("pH"))))
                        .size());
        assertEquals(1, numbered.toExamples(List.of(example(List.of("x3")))).size());
        assertTrue(lacking(evident, List.of("x3")).contains("featureOrder NUMBERED"));
    }

    @Test
    void damagedRequirementsAreRefused() {
        InputMappingProto stored =
                match(PLAIN, table(List.of("x0", "x1")), vector(2)).serialize();
        assertEquals(3, stored.getRequired().byteAt(0));
        for (byte[] bad : List.of(new byte[] {4}, new byte[] {0, 1}, new byte[] {3, 0, 0, 0, 0, 0, 0, 0, 1})) {
            InputMappingProto damaged = stored.toBuilder()
                    .setRequired(com.google.protobuf.ByteString.copyFrom(bad))
                    .build();
            assertThrows(IllegalArgumentException.class, () -> InputMapping.deserializeFromProto(damaged, vector(2)));
        }
    }

    @Test
    void namedInputsOfOneElementMayNotBeMissingButTokensMay() {
        List<ValueInfo> inputs = List.of(
                new ValueInfo("ids", ElementType.INT64, List.of("n", "3")),
                columns("age").get(0));
        OnnxBackbone backbone = OnnxBackbone.builder(ANY)
                .inputTransformer(new NamedInputTransformer())
                .build();
        InputMapping mapping = match(backbone, table(List.of("ids:0", "ids:1", "age:0")), inputs);
        for (InputMapping either : List.of(mapping, InputMapping.deserializeFromProto(mapping.serialize(), inputs))) {
            assertEquals(
                    1,
                    either.toExamples(List.of(example(List.of("ids:0", "age:0"))))
                            .size());
            List<Example<Regressor>> without = List.of(example(List.of("ids:0", "ids:1")));
            assertTrue(String.valueOf(assertThrows(IllegalArgumentException.class, () -> either.toExamples(without, 7))
                            .getMessage())
                    .startsWith("example 7 lacks the feature 'age:0'"));
        }
        assertTrue(
                refusal(backbone, table(List.of("ids:0", "height:0")), inputs).contains("'height:0'"));
        assertEquals("by " + NamedInputTransformer.class.getName(), mapping.describe());
    }

    private static String recorded(InputMapping mapping) {
        return Findings.list(mapping.describe(), mapping.features().size(), "features");
    }

    @Test
    void provenanceHasTheListOrItsHash() {
        assertEquals(
                "[\"fixed acidity\",\"volatile acidity\",\"pH\",\"alcohol\"]",
                match(OnnxBackbone.builder(ANY).features(WINE).build(), table(WINE), vector(4))
                        .describe());
        List<String> many = IntStream.range(0, 5000).mapToObj(i -> "pixel" + i).toList();
        DataFeatures data = new DataFeatures(many, new HashSet<>(many), Set.of());
        InputMapping mapping = PLAIN.matching().match(data, vector(5000), List.of());
        assertTrue(
                recorded(mapping).matches("5000 features, SHA-256 of their JSON array [0-9a-f]{64}"),
                recorded(mapping));
    }
}
