package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.ElementType;

/**
 * A network of random operators, ranks, broadcasts and paddings; the same for the same seed, whatever its element type.
 */
final class RandomNetwork {
    private static final int LARGEST = 120;

    /** A value and its sizes behind the batch. */
    private record Part(String name, long... dims) {
        int rank() {
            return dims.length;
        }

        long size() {
            return Arrays.stream(dims).reduce(1, (a, b) -> a * b);
        }
    }

    private final Net n;
    private final Random random;
    private final List<Part> parts = new ArrayList<>();
    private Part last = new Part("");

    private RandomNetwork(Net net, long seed) {
        n = net;
        random = new Random(seed);
    }

    /** The output's name. */
    static String of(Net net, long seed) {
        return new RandomNetwork(net, seed).build();
    }

    private String build() {
        long[] dims = new long[1 + random.nextInt(3)];
        Arrays.setAll(dims, i -> 1 + random.nextInt(4));
        add(n.active(dims), dims);
        int count = 2 + random.nextInt(7);
        for (int i = 0; i < count; i++) {
            last = random.nextInt(4) == 0 ? parts.get(random.nextInt(parts.size())) : last;
            step();
            if (random.nextInt(3) == 0) {
                add(n.op("Tanh", last.name()), last.dims());
            }
        }
        String flat = n.reshape(last.name(), last.rank() == 0 ? new long[] {-1, 1} : new long[] {-1, last.size()});
        // something of every parameter's kind, so that J is not zero
        return n.op("Add", n.op("Tanh", flat), n.op("Mul", n.x(1), n.p(1)));
    }

    private void add(String name, long... dims) {
        Part part = new Part(name, dims);
        if (part.size() <= LARGEST && part.size() > 0) {
            parts.add(part);
            last = part;
        }
    }

    private void step() {
        switch (random.nextInt(16)) {
            case 0, 1 -> unary();
            case 2, 3 -> binary();
            case 4 -> pad();
            case 5 -> shape();
            case 6 -> slice();
            case 7 -> concat();
            case 8 -> reduce();
            case 9 -> normalize();
            case 10 -> matmul();
            case 11 -> window();
            case 12 -> index();
            case 13 -> cast();
            case 14 -> choose();
            default -> gather();
        }
    }

    private String smooth(String x) {
        return n.op("Add", n.op("Abs", x), n.scalar(0.5));
    }

    private void unary() {
        String[] ops = {
            "Tanh",
            "Sigmoid",
            "Relu",
            "Softplus",
            "Abs",
            "Neg",
            "Gelu",
            "Erf",
            "Sin",
            "Cos",
            "HardSwish",
            "Mish",
            "Elu",
            "Selu",
            "Softsign",
            "LeakyRelu",
            "Celu",
            "Atan",
            "Asinh"
        };
        int which = random.nextInt(ops.length + 6);
        String x = last.name();
        String y =
                switch (which - ops.length) {
                    case 0 -> n.op("Sqrt", smooth(x));
                    case 1 -> n.op("Log", smooth(x));
                    case 2 -> n.op("Reciprocal", smooth(x));
                    case 3 -> n.op("Exp", n.op("Tanh", x));
                    case 4 -> n.op("Pow", smooth(x), n.scalar(new double[] {0.5, -1, 2, 3, 1.5}[random.nextInt(5)]));
                    case 5 -> n.op("Clip", x, n.scalar(-0.7), random.nextBoolean() ? n.scalar(0.9) : "");
                    default -> n.op(ops[which], x);
                };
        add(y, last.dims());
    }

    /** Sizes that broadcast against the last part's: fewer, or some of them 1. */
    private long[] narrower() {
        long[] dims = Arrays.copyOfRange(last.dims(), random.nextInt(last.rank() + 1), last.rank());
        for (int i = 0; i < dims.length; i++) {
            dims[i] = random.nextInt(3) == 0 ? 1 : dims[i];
        }
        return dims;
    }

    private void binary() {
        String op = new String[] {"Add", "Sub", "Mul", "Div", "Max", "Min"}[random.nextInt(6)];
        String other =
                switch (random.nextInt(3)) {
                    case 0 -> n.p(narrower());
                    case 1 -> {
                        long[] dims = last.dims().clone();
                        for (int i = 0; i < dims.length; i++) {
                            dims[i] = random.nextInt(3) == 0 ? 1 : dims[i];
                        }
                        yield n.active(dims);
                    }
                    default -> n.op("Sigmoid", last.name());
                };
        other = op.equals("Div") ? smooth(other) : other;
        add(
                random.nextBoolean() || op.equals("Div") ? n.op(op, last.name(), other) : n.op(op, other, last.name()),
                last.dims());
    }

    private void pad() {
        String mode = new String[] {"constant", "reflect", "edge", "wrap"}[random.nextInt(4)];
        long[] pads = new long[2 * last.rank()];
        long[] dims = last.dims().clone();
        for (int i = 0; i < dims.length; i++) {
            long before = random.nextInt(5) - 2;
            long after = random.nextInt(5) - 2;
            long left = dims[i] - Math.max(0, -before) - Math.max(0, -after);
            boolean possible = left >= 1
                    && (!mode.equals("reflect") || left > Math.max(before, after))
                    && (!mode.equals("wrap") || left >= Math.max(before, after));
            pads[i] = possible ? before : 0;
            pads[i + dims.length] = possible ? after : 0;
            dims[i] += pads[i] + pads[i + dims.length];
        }
        long[] axes = LongStream.rangeClosed(1, dims.length)
                .map(a -> random.nextBoolean() ? a : a - dims.length - 1)
                .toArray();
        Attributes how = new Attributes().string("mode", mode);
        add(
                dims.length == 0
                        ? n.op("Neg", last.name())
                        : n.op(
                                "Pad",
                                how,
                                last.name(),
                                n.longs(pads),
                                random.nextBoolean() ? n.scalar(0.3) : "",
                                n.longs(axes)),
                dims);
    }

    private void shape() {
        long[] dims = last.dims();
        switch (random.nextInt(5)) {
            case 0 -> add(n.reshape(last.name(), -1, last.size()), last.size());
            case 1 -> {
                int[] order = random.ints(0, Math.max(1, dims.length))
                        .distinct()
                        .limit(dims.length)
                        .toArray();
                long[] perm = LongStream.concat(
                                LongStream.of(0),
                                Arrays.stream(order).asLongStream().map(i -> i + 1))
                        .toArray();
                add(
                        n.transpose(last.name(), perm),
                        Arrays.stream(order).mapToLong(i -> dims[i]).toArray());
            }
            case 2 -> {
                if (dims.length < 4) {
                    int at = random.nextInt(dims.length + 1);
                    add(n.op("Unsqueeze", last.name(), n.longs(at + 1)), insert(dims, at, 1));
                }
            }
            case 3 -> {
                if (dims.length > 0) {
                    int at = random.nextInt(dims.length);
                    long[] repeats = new long[dims.length + 1];
                    Arrays.fill(repeats, 1);
                    repeats[at + 1] = 2;
                    long[] out = dims.clone();
                    out[at] *= 2;
                    add(n.op("Tile", last.name(), n.longs(repeats)), out);
                }
            }
            default -> {
                long[] wider = insert(dims, 0, 2);
                if (dims.length < 4) {
                    add(
                            n.op(
                                    "Expand",
                                    n.op("Unsqueeze", last.name(), n.longs(1)),
                                    n.longs(LongStream.concat(LongStream.of(1), LongStream.of(wider))
                                            .toArray())),
                            wider);
                }
            }
        }
    }

    private static long[] insert(long[] dims, int at, long size) {
        return LongStream.concat(
                        LongStream.concat(Arrays.stream(dims, 0, at), LongStream.of(size)),
                        Arrays.stream(dims, at, dims.length))
                .toArray();
    }

    private static long[] with(long[] dims, int at, long size) {
        long[] out = dims.clone();
        out[at] = size;
        return out;
    }

    private void slice() {
        if (last.rank() == 0) {
            return;
        }
        int at = random.nextInt(last.rank());
        long size = last.dims()[at];
        if (random.nextBoolean()) {
            long from = random.nextInt((int) size);
            long to = from + 1 + random.nextInt((int) (size - from));
            long step = 1 + random.nextInt(2);
            add(
                    n.op(
                            "Slice",
                            last.name(),
                            n.longs(from),
                            n.longs(to == size && random.nextBoolean() ? Long.MAX_VALUE : to),
                            n.longs(at + 1),
                            n.longs(step)),
                    with(last.dims(), at, (to - from + step - 1) / step));
        } else {
            add(
                    n.op(
                            "Slice",
                            last.name(),
                            n.longs(-1),
                            n.longs(Long.MIN_VALUE),
                            n.longs(at - last.rank()),
                            n.longs(-1)),
                    last.dims());
        }
    }

    private void concat() {
        if (last.rank() > 0) {
            int at = random.nextInt(last.rank());
            long[] other = with(last.dims(), at, 1 + random.nextInt(2));
            String more = random.nextBoolean() ? n.active(other) : n.x(other);
            add(
                    n.op("Concat", new Attributes().integer("axis", at + 1), last.name(), more),
                    with(last.dims(), at, last.dims()[at] + other[at]));
        }
    }

    private void reduce() {
        if (last.rank() == 0) {
            return;
        }
        String op = new String[] {
                    "ReduceSum",
                    "ReduceMean",
                    "ReduceMax",
                    "ReduceMin",
                    "ReduceL2",
                    "ReduceLogSumExp",
                    "ReduceSumSquare"
                }
                [random.nextInt(7)];
        int at = random.nextInt(last.rank());
        boolean keep = random.nextBoolean();
        long[] dims = keep
                ? with(last.dims(), at, 1)
                : LongStream.range(0, last.rank())
                        .filter(i -> i != at)
                        .map(i -> last.dims()[(int) i])
                        .toArray();
        add(
                n.op(
                        op,
                        new Attributes().integer("keepdims", keep ? 1 : 0),
                        last.name(),
                        n.longs(random.nextBoolean() ? at + 1 : at - last.rank())),
                dims);
    }

    private void normalize() {
        if (last.rank() == 0) {
            return;
        }
        long width = last.dims()[last.rank() - 1];
        switch (random.nextInt(4)) {
            case 0 ->
                add(
                        n.op(
                                random.nextBoolean() ? "Softmax" : "LogSoftmax",
                                new Attributes().integer("axis", 1 + random.nextInt(last.rank())),
                                last.name()),
                        last.dims());
            case 1 ->
                add(
                        n.op(
                                "LayerNormalization",
                                new Attributes().real("epsilon", 0.1f),
                                last.name(),
                                n.p(width),
                                n.p(width)),
                        last.dims());
            case 2 ->
                add(n.op("LpNormalization", new Attributes().integer("axis", -1), smooth(last.name())), last.dims());
            default -> {
                long c = last.dims()[0];
                add(
                        n.op(
                                "BatchNormalization",
                                last.name(),
                                n.p(c),
                                n.p(c),
                                n.constant(Net.Range.SIGNED, c),
                                n.constant(Net.Range.POSITIVE, c)),
                        last.dims());
            }
        }
    }

    private void matmul() {
        if (last.rank() == 0) {
            return;
        }
        long width = last.dims()[last.rank() - 1];
        long out = 1 + random.nextInt(4);
        switch (random.nextInt(3)) {
            case 0 -> add(n.op("MatMul", last.name(), n.p(width, out)), with(last.dims(), last.rank() - 1, out));
            case 1 ->
                add(
                        n.op(
                                "Gemm",
                                new Attributes().integer("transB", 1),
                                n.reshape(last.name(), -1, last.size()),
                                n.p(out, last.size()),
                                n.p(out)),
                        out);
            default -> {
                if (last.rank() >= 2) {
                    long rows = last.dims()[last.rank() - 2];
                    long[] perm = LongStream.rangeClosed(0, last.rank()).toArray();
                    perm[last.rank()] = last.rank() - 1;
                    perm[last.rank() - 1] = last.rank();
                    add(
                            n.op("MatMul", last.name(), n.transpose(last.name(), perm)),
                            with(last.dims(), last.rank() - 1, rows));
                }
            }
        }
    }

    private void window() {
        if (last.rank() < 2) {
            return;
        }
        int spatial = last.rank() - 1;
        long[] kernel = LongStream.range(1, last.rank())
                .map(i -> Math.min(2, last.dims()[(int) i]))
                .toArray();
        long[] fewer = LongStream.range(1, last.rank())
                .map(i -> last.dims()[(int) i] - kernel[(int) i - 1] + 1)
                .toArray();
        long c = last.dims()[0];
        Attributes window = new Attributes().integers("kernel_shape", kernel);
        UnaryOperator<String> conv = x -> n.op(
                "Conv",
                window,
                x,
                n.p(LongStream.concat(LongStream.of(2, c), LongStream.of(kernel))
                        .toArray()),
                n.p(2));
        switch (random.nextInt(3)) {
            case 0 -> add(conv.apply(last.name()), insert(fewer, 0, 2));
            case 1 ->
                add(
                        n.op(random.nextBoolean() && spatial > 0 ? "MaxPool" : "AveragePool", window, last.name()),
                        insert(fewer, 0, c));
            default ->
                add(
                        n.op(random.nextBoolean() ? "GlobalAveragePool" : "GlobalMaxPool", last.name()),
                        insert(LongStream.of(fewer).map(i -> 1).toArray(), 0, c));
        }
    }

    private void index() {
        if (last.rank() == 0) {
            return;
        }
        int at = random.nextInt(last.rank());
        switch (random.nextInt(3)) {
            case 0 ->
                add(
                        n.op(
                                "CumSum",
                                new Attributes()
                                        .integer("exclusive", random.nextInt(2))
                                        .integer("reverse", random.nextInt(2)),
                                last.name(),
                                n.longs(at + 1)),
                        last.dims());
            case 1 ->
                add(
                        n.ops("TopK", new Attributes().integer("axis", at + 1), 2, last.name(), n.longs(1))
                                .get(0),
                        with(last.dims(), at, 1));
            default -> {
                if (last.rank() >= 2) {
                    add(n.op("Trilu", new Attributes().integer("upper", random.nextInt(2)), last.name()), last.dims());
                }
            }
        }
    }

    private void gather() {
        if (last.rank() > 0) {
            int at = random.nextInt(last.rank());
            long[] which = LongStream.range(0, 1 + random.nextInt(3))
                    .map(i -> random.nextInt((int) (2 * last.dims()[at])) - last.dims()[at])
                    .toArray();
            add(
                    n.op("Gather", new Attributes().integer("axis", at + 1), last.name(), n.longs(which)),
                    with(last.dims(), at, which.length));
        }
    }

    /** To the other precision that keeps all digits, and back. */
    private void cast() {
        String wide = n.op("Cast", new Attributes().integer("to", ElementType.DOUBLE.code()), last.name());
        add(n.op("Cast", new Attributes().integer("to", n.type().code()), n.op("Mul", wide, wide)), last.dims());
    }

    private void choose() {
        String condition = n.op("Greater", last.name(), n.scalar(0.1));
        String mask = n.op("Cast", new Attributes().integer("to", n.type().code()), condition);
        String x = last.name();
        add(
                switch (random.nextInt(4)) {
                    case 0 -> n.op("Where", condition, n.op("Sqrt", x), n.op("Sin", x));
                    case 1 ->
                        n.op(
                                "Mul",
                                n.op("Log", n.op("Add", n.op("Mul", x, mask), n.op("Sub", n.scalar(1), mask))),
                                mask);
                    case 2 -> n.op("Where", condition, n.op("Reciprocal", n.op("Relu", x)), n.p(narrower()));
                    default -> n.op("PRelu", x, n.p(narrower()));
                },
                last.dims());
    }
}
