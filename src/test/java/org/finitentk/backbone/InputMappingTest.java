package org.finitentk.backbone;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.finitentk.internal.util.NumberAwareOrder;
import org.finitentk.network.Examples;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tribuo.Example;
import org.tribuo.impl.ArrayExample;
import org.tribuo.interop.onnx.DenseTransformer;
import org.tribuo.interop.onnx.ImageTransformer;
import org.tribuo.regression.Regressor;

class InputMappingTest {
    private static final Path ANY = Path.of("never-opened.onnx");

    private static ValueInfo input(String name, ElementType type, String... dims) {
        return new ValueInfo(name, type, List.of(dims));
    }

    private static final List<ValueInfo> VECTOR12 = List.of(input("x", ElementType.FLOAT, "batch", "12"));
    private static final List<ValueInfo> IMAGE = List.of(input("image", ElementType.FLOAT, "n", "3", "2", "2"));

    /** Examples that are each a few of these names, so that none may be required. */
    private static DataFeatures features(List<String> names) {
        return new DataFeatures(names, new HashSet<>(names), Set.of());
    }

    private static InputMapping mapping(OnnxBackbone backbone, DataFeatures data, List<ValueInfo> inputs) {
        return backbone.matching().match(data, inputs, List.of());
    }

    private static List<String> names(String prefix, int from, int count) {
        return IntStream.range(from, from + count).mapToObj(i -> prefix + i).toList();
    }

    private static Example<Regressor> example(List<String> names, double... values) {
        return new ArrayExample<>(new Regressor("y", 0), names.toArray(String[]::new), values);
    }

    private static double[] values(Examples examples, String input) {
        Tensor tensor = Objects.requireNonNull(examples.inputs().get(input), input);
        return tensor.toDoubles();
    }

    @ParameterizedTest
    @CsvSource({
        "x2,x10,-1",
        "x10,x2,1",
        "x1,x01,1",
        "a,b,-1",
        "a,a1,-1",
        "x2y3,x2y10,-1",
        "10,9,1",
        "b1,a2,1",
        "x,x,0",
        "1a,a,-1"
    })
    void numbersInNamesCompareAsNumbers(String a, String b, int sign) {
        assertEquals(sign, Integer.signum(NumberAwareOrder.INSTANCE.compare(a, b)));
        assertEquals(-sign, Integer.signum(NumberAwareOrder.INSTANCE.compare(b, a)));
    }

    @Test
    void numberedNamesFillTheInputWhateverTribuosIds() {
        List<String> names = names("x", 1, 12);
        List<String> shuffled = new ArrayList<>(names);
        Collections.shuffle(shuffled, new Random(1));
        InputMapping mapping = mapping(new OnnxBackbone(ANY), features(shuffled), VECTOR12);
        double[] expected = IntStream.rangeClosed(1, 12).asDoubleStream().toArray();
        double[] given = shuffled.stream()
                .mapToDouble(name -> Double.parseDouble(name.substring(1)))
                .toArray();
        assertArrayEquals(expected, values(mapping.toExamples(List.of(example(shuffled, given))), "x"));
    }

    @Test
    void missingFeaturesAreZeroAndUnknownOnesIgnored() {
        InputMapping mapping = mapping(new OnnxBackbone(ANY), features(names("x", 0, 12)), VECTOR12);
        Example<Regressor> partial = example(List.of("x3", "zebra"), 5, 7);
        double[] expected = new double[12];
        expected[3] = 5;
        assertArrayEquals(expected, values(mapping.toExamples(List.of(partial)), "x"));
        assertEquals(1, mapping.countUsed(partial));
        assertEquals(0, mapping.countUsed(example(List.of("zebra"), 7)));
    }

    @Test
    void listedNamesGiveTheOrder() {
        List<ValueInfo> inputs = List.of(input("x", ElementType.DOUBLE, "batch", "3"));
        OnnxBackbone backbone = OnnxBackbone.builder(ANY)
                .features(List.of("width", "age", "height"))
                .build();
        InputMapping mapping = mapping(backbone, features(List.of("age", "height")), inputs);
        assertArrayEquals(
                new double[] {0, 1, 2},
                values(mapping.toExamples(List.of(example(List.of("age", "height"), 1, 2))), "x"));
    }

    @Test
    void numberedNamesTakeTheirOwnPlaceEvenWhenNeverSeenInTraining() {
        OnnxBackbone backbone = OnnxBackbone.builder(ANY).numberedFeatures(1).build();
        InputMapping mapping = mapping(backbone, features(List.of("p01", "p12")), VECTOR12);
        double[] expected = new double[12];
        expected[6] = 3;
        assertArrayEquals(expected, values(mapping.toExamples(List.of(example(List.of("p07"), 3))), "x"));
    }

    @Test
    void tribuosTransformersSeeInputPositionsAsIndices() {
        // The environment exists in production because the network was opened first.
        OrtEnvironment.getEnvironment();
        OnnxBackbone image = OnnxBackbone.builder(ANY)
                .numberedFeatures(0)
                .transformer(new ImageTransformer(3, 2, 2))
                .build();
        Examples batch = mapping(image, features(List.of("0", "11")), IMAGE)
                .toExamples(List.of(example(List.of("11", "4"), 9, 8), example(List.of("0"), 1)));
        double[] expected = new double[24];
        expected[11] = 9;
        expected[4] = 8;
        expected[12] = 1;
        assertArrayEquals(expected, values(batch, "image"));
        OnnxBackbone vector = OnnxBackbone.builder(ANY)
                .sortedFeatures()
                .transformer(new DenseTransformer())
                .build();
        assertArrayEquals(
                new double[] {0, 2},
                values(
                        mapping(vector, features(List.of("a", "b")), List.of(input("x", ElementType.FLOAT, "n", "2")))
                                .toExamples(List.of(example(List.of("b"), 2))),
                        "x"));
    }

    @Test
    void severalTypedInputsAreFilledByName() {
        List<ValueInfo> inputs = List.of(
                input("ids", ElementType.INT64, "b", "seq"),
                input("mask", ElementType.BOOL, "b", "2"),
                input("x", ElementType.FLOAT, "b", "1", "2"));
        NamedInputTransformer transformer = new NamedInputTransformer(Map.of("ids", "3"));
        OnnxBackbone backbone =
                OnnxBackbone.builder(ANY).inputTransformer(transformer).build();
        InputMapping mapping = mapping(backbone, features(List.of("ids:0", "mask:1", "x:1")), inputs);
        Examples batch = mapping.toExamples(
                List.of(example(List.of("ids:2", "mask:1", "x:0"), 101, 1, 0.5), example(List.of("ids:0"), 7)));
        assertArrayEquals(new double[] {0, 0, 101, 7, 0, 0}, values(batch, "ids"));
        assertArrayEquals(new double[] {0, 1, 0, 0}, values(batch, "mask"));
        assertArrayEquals(new double[] {0.5, 0, 0, 0}, values(batch, "x"));
        InputMapping stored = InputMapping.deserializeFromProto(mapping.serialize(), inputs);
        assertEquals(mapping.serialize(), stored.serialize());
        assertArrayEquals(
                new double[] {0, 0, 3}, values(stored.toExamples(List.of(example(List.of("ids:2"), 3))), "ids"));
        assertEquals(0, mapping.countUsed(example(List.of("ids:3", "ids:x1", "other:0"), 1, 1, 1)));
    }

    static Stream<OnnxBackbone> storable() {
        return Stream.of(
                new OnnxBackbone(ANY),
                OnnxBackbone.builder(ANY).sortedFeatures().build(),
                OnnxBackbone.builder(ANY).numberedFeatures(1).inputShape(12).build(),
                OnnxBackbone.builder(ANY)
                        .features(names("x", 1, 12))
                        .transformer(new DenseTransformer())
                        .build());
    }

    @ParameterizedTest
    @MethodSource("storable")
    void aStoredMappingMapsAlike(OnnxBackbone backbone) {
        OrtEnvironment.getEnvironment();
        InputMapping mapping = mapping(backbone, features(names("x", 1, 12)), VECTOR12);
        InputMapping stored = InputMapping.deserializeFromProto(mapping.serialize(), VECTOR12);
        List<Example<Regressor>> one = List.of(example(List.of("x2", "x11"), 2, 11));
        assertArrayEquals(values(mapping.toExamples(one), "x"), values(stored.toExamples(one), "x"));
        assertEquals(2, stored.countUsed(one.get(0)));
    }

    static Stream<Object[]> misfits() {
        OnnxBackbone plain = new OnnxBackbone(ANY);
        List<ValueInfo> two = List.of(input("a", ElementType.FLOAT, "n", "2"), input("b", ElementType.FLOAT, "n", "2"));
        List<ValueInfo> open = List.of(input("x", ElementType.FLOAT, "n", "h", "w"));
        return Stream.of(
                new Object[] {plain, names("x", 0, 11), VECTOR12, "11 features"},
                new Object[] {plain, names("x", 0, 100_000), VECTOR12, "[batch, 12]"},
                new Object[] {plain, names("x", 0, 2), two, "have 4 elements an example, 'a' (2), then 'b' (2);"},
                new Object[] {
                    OnnxBackbone.builder(ANY).sortedFeatures().build(),
                    names("x", 0, 4),
                    two,
                    "one input after the other"
                },
                new Object[] {plain, names("x", 0, 2), open, "inputShape"},
                new Object[] {
                    OnnxBackbone.builder(ANY).inputShape(3, 5).build(), names("x", 0, 12), IMAGE, "does not fit"
                },
                new Object[] {
                    OnnxBackbone.builder(ANY).features(names("x", 0, 12)).build(), List.of("x0", "y"), VECTOR12, "'y'"
                },
                new Object[] {
                    OnnxBackbone.builder(ANY).features(names("x", 0, 3)).build(),
                    List.of("x0"),
                    VECTOR12,
                    "lists 3 features"
                },
                new Object[] {
                    OnnxBackbone.builder(ANY).features(List.of("a", "a")).build(),
                    List.of("a"),
                    List.of(input("x", ElementType.FLOAT, "n", "2")),
                    "twice"
                },
                new Object[] {
                    OnnxBackbone.builder(ANY).numberedFeatures(1).build(), List.of("x0"), VECTOR12, "from 1 to 12"
                },
                new Object[] {
                    OnnxBackbone.builder(ANY).numberedFeatures(0).build(), List.of("a1", "b1"), VECTOR12, "same number"
                },
                new Object[] {
                    OnnxBackbone.builder(ANY).numberedFeatures(0).build(),
                    List.of("a99999999999999999999"),
                    VECTOR12,
                    "no place"
                },
                new Object[] {
                    OnnxBackbone.builder(ANY)
                            .inputTransformer(new NamedInputTransformer())
                            .build(),
                    List.of("a:2"),
                    two,
                    "names no element"
                },
                new Object[] {
                    OnnxBackbone.builder(ANY)
                            .inputTransformer(new NamedInputTransformer())
                            .build(),
                    List.of("a:1"),
                    List.of(input("a", ElementType.INT64, "n", "seq")),
                    "give the NamedInputTransformer"
                });
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void dataThatDoesNotFitIsRefusedWithBothShapes(
            OnnxBackbone backbone, List<String> names, List<ValueInfo> inputs, String expected) {
        Throwable refusal =
                assertThrows(IllegalArgumentException.class, () -> mapping(backbone, features(names), inputs));
        assertTrue(String.valueOf(refusal.getMessage()).contains(expected), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"FLOAT,1e39", "FLOAT,NaN", "DOUBLE,Infinity", "INT64,0.5", "UINT8,256", "BOOL,2", "INT32,-3e9"})
    void valuesThatDoNotFitTheTypeAreRefusedWithTheExamplesIndex(ElementType type, double bad) {
        InputMapping mapping =
                mapping(new OnnxBackbone(ANY), features(List.of("a")), List.of(input("x", type, "n", "1")));
        List<Example<Regressor>> examples = Arrays.asList(example(List.of("a"), 1), example(List.of("a"), bad));
        Throwable refusal = assertThrows(IllegalArgumentException.class, () -> mapping.toExamples(examples));
        assertTrue(String.valueOf(refusal.getMessage()).startsWith("example 1: feature 'a'"), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "INT8,-128",
        "UINT8,255",
        "INT16,-32768",
        "UINT16,65535",
        "INT32,-2147483648",
        "UINT32,4294967295",
        "INT64,9007199254740992",
        "DOUBLE,1e300"
    })
    void extremeValuesOfTheTypeArrive(ElementType type, double value) {
        InputMapping mapping =
                mapping(new OnnxBackbone(ANY), features(List.of("a")), List.of(input("x", type, "n", "1")));
        assertArrayEquals(new double[] {value}, values(mapping.toExamples(List.of(example(List.of("a"), value))), "x"));
    }

    @Test
    void noExamplesAreRefused() {
        InputMapping mapping = mapping(new OnnxBackbone(ANY), features(names("x", 0, 12)), VECTOR12);
        assertThrows(IllegalArgumentException.class, () -> mapping.toExamples(List.<Example<Regressor>>of()));
    }

    static Stream<OnnxBackbone.Builder> contradictory() {
        return Stream.of(
                OnnxBackbone.builder(ANY).include("("),
                OnnxBackbone.builder(ANY).exclude("a${b}"),
                OnnxBackbone.builder(ANY).features(List.of("a")).numberedFeatures(0),
                OnnxBackbone.builder(ANY).inputShape(0),
                OnnxBackbone.builder(ANY)
                        .inputTransformer(new NamedInputTransformer())
                        .inputShape(3),
                OnnxBackbone.builder(ANY)
                        .inputTransformer(new NamedInputTransformer())
                        .ignoreUnlistedFeatures());
    }

    @ParameterizedTest
    @MethodSource("contradictory")
    void contradictorySettingsAreRefused(OnnxBackbone.Builder builder) {
        assertThrows(PropertyException.class, builder::build);
    }
}
