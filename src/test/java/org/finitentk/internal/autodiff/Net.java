package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/**
 * A small network under construction. Inputs are x0, x1, …, always with a dynamic batch first; parameters are p0, p1,
 * …; everything random comes from a fixed seed, so that the float32 and the float64 network of one row are the same.
 */
final class Net {
    /**
     * Where random values are drawn from: low to high, with a random sign if signed. Away from zero for the sake of
     * kinks and divisions.
     */
    record Range(double low, double high, boolean signed) {
        static final Range SIGNED = new Range(0.4, 1.4, true);
        static final Range POSITIVE = new Range(0.5, 1.5, false);

        double draw(Random random) {
            double v = low + (high - low) * random.nextDouble();
            return signed && random.nextBoolean() ? -v : v;
        }
    }

    /** A graph input and how examples for it are drawn: integers below {@code limit} if that is positive. */
    record Input(ValueInfo info, Range range, int limit) {}

    private final ElementType type;
    private final Random random = new Random(7);
    private final List<Input> inputs = new ArrayList<>();
    private final Map<String, Tensor> initializers = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private int parameters;

    Net(ElementType type) {
        this.type = type;
    }

    ElementType type() {
        return type;
    }

    List<Input> inputs() {
        return inputs;
    }

    /** Data [batch, dims…]. */
    String x(long... dims) {
        return x(Range.SIGNED, dims);
    }

    String x(Range range, long... dims) {
        return input(type, range, 0, dims);
    }

    /** Integer data [batch, dims…] in [-limit, limit), valid as indices of an axis of that size. */
    String ids(int limit, long... dims) {
        return input(ElementType.INT64, Range.SIGNED, limit, dims);
    }

    private String input(ElementType of, Range range, int limit, long... dims) {
        List<String> all = new ArrayList<>(List.of("batch"));
        for (long d : dims) {
            all.add(Long.toString(d));
        }
        String name = "x" + inputs.size();
        inputs.add(new Input(new ValueInfo(name, of, all), range, limit));
        return name;
    }

    /** A parameter. */
    String p(long... shape) {
        return p(Range.SIGNED, shape);
    }

    String p(Range range, long... shape) {
        return initializer("p" + parameters++, range, shape);
    }

    private String initializer(String name, Range range, long... shape) {
        double[] values = new double[(int) Tensor.count(shape)];
        for (int i = 0; i < values.length; i++) {
            // float32 numbers, so that both networks have the same parameters
            values[i] = (float) range.draw(random);
        }
        initializers.put(name, Tensor.ofReals(type, values, shape));
        return name;
    }

    /** A constant that is no parameter. */
    String constant(Range range, long... shape) {
        return initializer("c" + initializers.size(), range, shape);
    }

    String scalar(double value) {
        return tensor(Tensor.ofReals(type, new double[] {value}));
    }

    String longs(long... elements) {
        return tensor(Tensor.vector(elements));
    }

    String tensor(Tensor tensor) {
        String name = "c" + initializers.size();
        initializers.put(name, tensor);
        return name;
    }

    /** Data [batch, dims…] that also depends on a parameter, so that tangents reach whatever uses it. */
    String active(long... dims) {
        return op("Mul", x(dims), p(Range.POSITIVE, dims));
    }

    /** The same, positive everywhere. */
    String positive(long... dims) {
        return op("Mul", x(Range.POSITIVE, dims), p(Range.POSITIVE, dims));
    }

    /** A parameter minus its own value: zero, but not constantly. */
    String zero(long... shape) {
        String p = p(shape);
        return op("Sub", p, tensor(java.util.Objects.requireNonNull(initializers.get(p))));
    }

    /** A value [dims…] that depends on a parameter and on no data. */
    String activeConstant(long... dims) {
        return op("Mul", p(dims), constant(Range.POSITIVE, dims));
    }

    String op(String op, String... in) {
        return op(op, new Attributes(), in);
    }

    String op(String op, Attributes attributes, String... in) {
        return ops(op, attributes, 1, in).get(0);
    }

    List<String> ops(String op, Attributes attributes, int outputs, String... in) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            names.add(op + nodes.size() + (i == 0 ? "" : "_" + i));
        }
        nodes.add(new Node("the_" + names.get(0), "", op, List.of(in), names, attributes.build()));
        return names;
    }

    String reshape(String value, long... shape) {
        return op("Reshape", value, longs(shape));
    }

    String transpose(String value, long... perm) {
        return op("Transpose", new Attributes().integers("perm", perm), value);
    }

    /** The finished network. */
    Graph graph(String output) {
        return graph(new ValueInfo(output, type, List.of()));
    }

    Graph graph(ValueInfo... outputs) {
        return new Graph("net", inputs.stream().map(Input::info).toList(), List.of(outputs), initializers, nodes);
    }

    /** Random data for every input. */
    Map<String, NdArray> draw(int batch, long seed) {
        Random draws = new Random(seed);
        Map<String, NdArray> feeds = new LinkedHashMap<>();
        for (Input input : inputs) {
            int[] shape = input.info().dims().stream()
                    .mapToInt(d -> d.equals("batch") ? batch : Integer.parseInt(d))
                    .toArray();
            NdArray a = NdArray.zeros(input.info().type(), shape);
            for (int i = 0; i < a.data().length; i++) {
                a.data()[i] = input.limit() > 0
                        ? draws.nextInt(2 * input.limit()) - input.limit()
                        : (float) input.range().draw(draws);
            }
            feeds.put(input.info().name(), a);
        }
        return feeds;
    }
}
