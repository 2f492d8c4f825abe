package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.internal.onnx.ShapeInference;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Ranks, sizes, attributes and numbers of inputs that an operator forbids, for every operator with a rule: each is
 * refused in one sentence that names the node. ONNX Runtime decides which are forbidden: what it runs is not refused,
 * and what it does not run is.
 */
final class WrongArityTest {
    private static final int BATCH = 2;
    /** What depends on a size of the batch is no network. */
    private static final int[] BATCHES = {BATCH, 3};

    private static final String REFUSED = "refused";
    /** So many rows of the rules' tests are changed for each operator. */
    private static final int ROWS = Integer.getInteger("finitentk.arity.rows", 2);
    /** Said of networks that are sound, but cannot be linearized. */
    private static final List<String> OTHER_REASONS = List.of(
            "is not the batch of input",
            "dynamic",
            "whose size is open",
            "does not depend on any of the selected parameters",
            "no tangent can flow",
            "is not differentiated",
            "computed from data",
            "are computed",
            "elements an example",
            "more than",
            "reduces over no axes",
            "repeats axis",
            "which no output_padding can say",
            "has no tangent parameters",
            "no floating-point output",
            "training mode",
            "takes the remainder",
            "sizes themselves",
            "rank 1 to 5",
            "makes axis",
            "to be left by negative pads");

    /**
     * What ONNX Runtime says of data that are no constants, and of a Split whose number of parts the reader writes
     * down, and of Dropout, which the reader leaves out.
     */
    private static final List<String> TAKEN = List.of(
            "indices element out of data bounds",
            "invalid index found",
            "Neither 'split' input nor",
            "GatherElements op: 'indices' shape",
            "(Dropout)");
    /**
     * Where ONNX Runtime reads what the specification forbids: beyond the end of a bias, or by the number of elements,
     * whatever the shape.
     */
    private static final List<String> STRICTER = List.of(
            "(Conv): input 2 ",
            "(Expand): input 1 ",
            "(ConstantOfShape): input 0 ",
            "(Resize): input 2 ",
            "(Unsqueeze): input 1 ",
            "expected different axes",
            "(GroupNormalization): input ",
            "(Reshape): its elements do not fill",
            "(MeanVarianceNormalization): attribute axes",
            "(Pad): its pads cut",
            "(Pad): it wraps");

    /**
     * A network with one thing changed.
     *
     * @param harmless whether ONNX Runtime may be asked about it: of divisions by 0 the process dies
     */
    private record Mutant(String what, Graph graph, boolean harmless) {
        Mutant(String what, Graph graph) {
            this(what, graph, true);
        }
    }

    private record Source(String name, long opset, Graph graph) {}

    private static Map<String, List<Source>> sources() {
        Map<String, List<Source>> byOperator = new TreeMap<>();
        List<RulesTest.Entry> entries = new ArrayList<>(RulesTest.entries());
        entries.addAll(constants());
        for (RulesTest.Entry entry : entries) {
            Net net = new Net(ElementType.FLOAT);
            String output = entry.body().apply(net);
            Graph graph = net.graph(output);
            graph.nodes().stream()
                    .map(Node::op)
                    .filter(Rules.supported()::contains)
                    .distinct()
                    .forEach(op -> {
                        List<Source> known = byOperator.computeIfAbsent(op, k -> new ArrayList<>());
                        if (known.size() < ROWS && entry.opset() == 0) {
                            known.add(new Source(entry.name(), entry.opset(), graph));
                        }
                    });
        }
        return byOperator;
    }

    /** Operators through which no tangent goes, beside one that goes. */
    private static List<RulesTest.Entry> constants() {
        Map<String, Function<Net, String>> bodies = new LinkedHashMap<>();
        for (String op : List.of("Equal", "GreaterOrEqual", "Less", "LessOrEqual")) {
            bodies.put(op, n -> n.op(op, n.x(3), n.x(3)));
        }
        for (String op : List.of("And", "Or", "Xor")) {
            bodies.put(op, n -> n.op(op, n.op("Greater", n.x(3), n.scalar(0)), n.op("Greater", n.x(3), n.scalar(0))));
        }
        bodies.put("Not", n -> n.op("Not", n.op("Greater", n.x(3), n.scalar(0))));
        for (String op : List.of("ArgMax", "ArgMin")) {
            bodies.put(op, n -> n.op(op, new Attributes().integer("axis", 1), n.x(3)));
        }
        for (String op : List.of("Ceil", "Round", "Hardmax", "IsInf", "IsNaN", "Size")) {
            bodies.put(op, n -> n.op(op, n.x(3)));
        }
        bodies.put("OneHot", n -> n.op("OneHot", n.ids(3, 1), n.longs(3), n.constant(Net.Range.SIGNED, 2)));
        bodies.put("Range", n -> n.op("Range", n.scalar(0), n.scalar(3), n.scalar(1)));
        List<RulesTest.Entry> entries = new ArrayList<>();
        bodies.forEach((name, body) -> entries.add(new RulesTest.Entry(
                name + " beside a tangent",
                0,
                n -> n.op(
                        "Mul",
                        n.active(3),
                        n.op("Cast", new Attributes().integer("to", n.type().code()), body.apply(n))))));
        return entries;
    }

    @TestFactory
    Stream<DynamicTest> operators() {
        return sources().entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
                    List<String> wrong = new ArrayList<>();
                    int forbidden = 0;
                    for (Source source : e.getValue()) {
                        for (Mutant mutant : mutants(source.graph(), e.getKey())) {
                            if (System.getProperty("finitentk.arity.trace") != null) {
                                System.err.println(e.getKey() + " " + source.name() + ", " + mutant.what());
                            }
                            String verdict = verdict(mutant);
                            forbidden += verdict.equals(REFUSED) ? 1 : 0;
                            if (!verdict.isEmpty() && !verdict.equals(REFUSED)) {
                                wrong.add(source.name() + ", " + mutant.what() + ": " + verdict);
                            }
                        }
                    }
                    assertEquals("", String.join("\n", wrong));
                    assertTrue(forbidden > 0 || e.getKey().equals("Dropout"), "nothing is forbidden");
                }));
    }

    private static String verdict(Mutant mutant) {
        try {
            Linearization l = Linearization.of(
                    ModelReader.read(OrtRunner.serialize(mutant.graph(), Graph.OPSET), "changed", null),
                    DerivativeChecker.PARAMETERS);
            l.vjp();
            String ort = onnxRuntime(mutant.graph());
            return ort.isEmpty() || TAKEN.stream().anyMatch(ort::contains)
                    ? ""
                    : "taken, while ONNX Runtime says: " + ort;
        } catch (InvalidModelException e) {
            String message = String.valueOf(e.getMessage());
            if (OTHER_REASONS.stream().anyMatch(message::contains)) {
                return "";
            }
            boolean sentence = message.contains("the_")
                    && message.contains("expected")
                    && !message.contains("\n")
                    && !message.contains("java.");
            if (!sentence) {
                return "no sentence: " + message;
            }
            boolean stricter = STRICTER.stream().anyMatch(message::contains);
            boolean fatal = List.of("RNN", "GRU", "LSTM").stream().anyMatch(op -> message.contains("(" + op + ")"));
            return !stricter
                            && !fatal
                            && mutant.harmless()
                            && onnxRuntime(mutant.graph()).isEmpty()
                    ? "refused, though ONNX Runtime runs it: " + message
                    : REFUSED;
        } catch (RuntimeException e) {
            return e + " at " + e.getStackTrace()[0];
        }
    }

    /** Why ONNX Runtime does not run a network, or nothing. */
    private static String onnxRuntime(Graph graph) {
        try (OrtRunner ort = new OrtRunner(OrtRunner.serialize(graph, Graph.OPSET))) {
            for (int batch : BATCHES) {
                Map<String, NdArray> feeds = new HashMap<>();
                graph.inputs().forEach(i -> {
                    int[] shape = i.dims().stream()
                            .mapToInt(d -> d.equals("batch") ? batch : Integer.parseInt(d))
                            .toArray();
                    NdArray a = NdArray.zeros(i.type(), shape);
                    Arrays.setAll(a.data(), at -> i.type() == ElementType.INT64 ? at % 2 : 0.5 + at % 3);
                    feeds.put(i.name(), a);
                });
                ort.run(feeds);
            }
            return "";
        } catch (OrtException e) {
            return String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
        }
    }

    private static List<Mutant> mutants(Graph graph, String op) {
        List<Mutant> out = new ArrayList<>();
        int at = 0;
        while (!graph.nodes().get(at).op().equals(op)) {
            at++;
        }
        Node node = graph.nodes().get(at);
        ShapeInference shapes = ShapeInference.of(graph);
        for (int i = 0; i < node.inputs().size(); i++) {
            Value value = node.hasInput(i) ? shapes.find(node.input(i)) : null;
            if (value != null) {
                inputs(out, graph, at, i, value);
            }
        }
        node.attributes()
                .forEach((key, a) -> attributes(out, graph, graph.nodes().indexOf(node), key, a));
        List<String> fewer = node.inputs().subList(0, node.inputs().size() - 1);
        if (!fewer.isEmpty()) {
            out.add(new Mutant(
                    "without its last input", with(graph, at, node(node, fewer, node.attributes()), Map.of())));
        }
        List<String> more = new ArrayList<>(node.inputs());
        more.add(node.input(0));
        out.add(new Mutant("with an input more", with(graph, at, node(node, more, node.attributes()), Map.of())));
        return out;
    }

    private static Node node(Node node, List<String> inputs, Map<String, AttributeProto> attributes) {
        return new Node(node.name(), node.domain(), node.op(), inputs, node.outputs(), attributes);
    }

    private static Graph with(Graph graph, int at, Node changed, Map<String, Tensor> more) {
        List<Node> nodes = new ArrayList<>(graph.nodes());
        nodes.set(at, changed);
        Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
        initializers.putAll(more);
        return new Graph(graph.name(), graph.inputs(), graph.outputs(), initializers, nodes);
    }

    private static void inputs(List<Mutant> out, Graph graph, int at, int i, Value value) {
        Node node = graph.nodes().get(at);
        double[] known = value.constant();
        List<Tensor> others = new ArrayList<>();
        if (value.type() == ElementType.INT64 && known != null) {
            long[] elements = Arrays.stream(known).mapToLong(d -> (long) d).toArray();
            numbers(elements)
                    .forEach(e -> others.add(Tensor.ofLongs(
                            e, value.rank() == 0 && e.length == 1 ? new long[0] : new long[] {e.length})));
            others.add(Tensor.ofLongs(
                    elements, concat(new long[] {1}, value.shape().at(0))));
            if (elements.length == 1) {
                others.add(Tensor.ofLongs(elements));
            }
        } else if (value.type().isDifferentiable()) {
            long[] shape = Arrays.stream(value.shape().at(0))
                    .map(d -> d % 101 == 0 && d > 0 ? d / 101 * BATCH : d)
                    .toArray();
            shapes(shape).forEach(s -> others.add(filled(value.type(), s)));
        }
        for (Tensor other : others) {
            List<String> names = new ArrayList<>(node.inputs());
            names.set(i, "p9");
            String elements = other.type() == ElementType.INT64 ? Arrays.toString(other.toLongs()) : "";
            out.add(new Mutant(
                    "input " + i + " " + Arrays.toString(other.shape()) + elements,
                    with(graph, at, node(node, names, node.attributes()), Map.of("p9", other)),
                    other.size() > 0));
        }
    }

    private static Tensor filled(ElementType type, long[] shape) {
        double[] elements = new double[Math.toIntExact(LongStream.of(shape).reduce(1, (a, b) -> a * b))];
        Arrays.setAll(elements, i -> 0.5 + i % 3);
        return Tensor.ofReals(type, elements, shape);
    }

    /** Every rank from 0 to 6, and every size a little different. */
    private static List<long[]> shapes(long[] shape) {
        List<long[]> all = new ArrayList<>();
        for (int rank = 0; rank <= 6; rank++) {
            long[] kept = Arrays.copyOfRange(shape, Math.max(0, shape.length - rank), shape.length);
            long[] ones = new long[rank - kept.length];
            Arrays.fill(ones, 1);
            all.add(concat(ones, kept));
            all.add(concat(Arrays.copyOf(shape, Math.min(rank, shape.length)), ones));
            long[] twos = new long[rank];
            Arrays.fill(twos, 2);
            all.add(twos);
        }
        for (int axis = 0; axis < shape.length; axis++) {
            for (long change : new long[] {1, 2, -1}) {
                long[] other = shape.clone();
                other[axis] += change;
                if (other[axis] >= 1) {
                    all.add(other);
                }
            }
        }
        return all;
    }

    private static long[] concat(long[] a, long[] b) {
        return LongStream.concat(LongStream.of(a), LongStream.of(b)).toArray();
    }

    private static List<long[]> numbers(long[] given) {
        List<long[]> all = new ArrayList<>();
        for (int i = 0; i < given.length; i++) {
            for (long v : new long[] {-100, -3, -1, 0, 1, 2, 3, 5, 100}) {
                long[] other = given.clone();
                other[i] = v;
                all.add(other);
            }
        }
        all.add(concat(given, new long[] {1}));
        if (given.length > 0) {
            all.add(Arrays.copyOf(given, given.length - 1));
        }
        return all;
    }

    private static void attributes(List<Mutant> out, Graph graph, int at, String key, AttributeProto a) {
        Node node = graph.nodes().get(at);
        List<AttributeProto> others = new ArrayList<>();
        if (a.getType() == AttributeProto.AttributeType.INT
                && !key.equals("to")
                && !key.equals("transA")
                && !key.equals("transB")) {
            for (long v : new long[] {-100, -2, -1, 0, 1, 2, 3, 4, 100}) {
                others.add(a.toBuilder().setI(v).build());
            }
        } else if (a.getType() == AttributeProto.AttributeType.INTS) {
            for (long[] v :
                    numbers(a.getIntsList().stream().mapToLong(Long::longValue).toArray())) {
                others.add(a.toBuilder()
                        .clearInts()
                        .addAllInts(LongStream.of(v).boxed().toList())
                        .build());
            }
        } else if (a.getType() == AttributeProto.AttributeType.STRING) {
            others.add(a.toBuilder()
                    .setS(com.google.protobuf.ByteString.copyFromUtf8("nonsense"))
                    .build());
        }
        for (AttributeProto other : others) {
            Map<String, AttributeProto> changed = new HashMap<>(node.attributes());
            changed.put(key, other);
            out.add(new Mutant(
                    key + " "
                            + (other.getIntsCount() > 0
                                    ? other.getIntsList()
                                    : other.hasS() ? other.getS().toStringUtf8() : other.getI()),
                    with(graph, at, node(node, node.inputs(), changed), Map.of()),
                    !key.equals("num_outputs") && other.getI() > 0
                            || other.getIntsList().stream().allMatch(v -> v > 0) && other.getIntsCount() > 0));
        }
    }

    @Test
    void everyOperatorWithARuleIsChanged() {
        List<String> missing = new ArrayList<>(Rules.supported());
        // its shape depends on the data
        missing.remove("NonZero");
        missing.removeAll(sources().entrySet().stream()
                .filter(e -> !e.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList());
        assertEquals(List.of(), missing);
    }
}
