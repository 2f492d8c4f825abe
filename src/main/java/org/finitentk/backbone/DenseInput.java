package org.finitentk.backbone;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.finitentk.internal.onnx.Integers;
import org.finitentk.internal.onnx.OpenRow;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;
import org.tribuo.Feature;
import org.tribuo.interop.onnx.ExampleTransformer;
import org.tribuo.math.la.SparseVector;

/**
 * A network's only input as a flat array of numbers for each example.
 *
 * @param input the input
 * @param shape shape of one example, all fixed
 * @param transformer writes the tensor in place of the plain C-order layout, or null
 * @param mayMiss whether the network puts other numbers in the place of missing ones, which are NaN
 */
record DenseInput(
        ValueInfo input, List<Long> shape, @Nullable ExampleTransformer transformer, boolean mayMiss) {
    DenseInput {
        shape = List.copyOf(shape);
    }

    /**
     * Settles the shape of one example.
     *
     * @param givenShape shape by configuration, empty to take the network's
     * @param featureCount the numbers of an example, for an input with one symbolic size
     */
    static DenseInput of(
            List<ValueInfo> inputs,
            List<? extends Number> givenShape,
            long featureCount,
            @Nullable ExampleTransformer transformer) {
        if (inputs.size() != 1) {
            throw new IllegalArgumentException("the network has " + inputs.size() + " inputs "
                    + inputs.stream().map(ValueInfo::name).toList()
                    + ", and no one rule orders the numbers of several; list the features of all, one input after the "
                    + "other, as 'features' of OnnxBackbone, or give an inputTransformer that fills them");
        }
        ValueInfo input = inputs.get(0);
        long[] shape = givenShape.isEmpty()
                ? networkShape(input, featureCount)
                : givenShape.stream().mapToLong(Number::longValue).toArray();
        requireFits(input, shape);
        return new DenseInput(input, Arrays.stream(shape).boxed().toList(), transformer, false);
    }

    private static long[] networkShape(ValueInfo input, long featureCount) {
        int rank = input.dims().size();
        long[] ofRow = OpenRow.shape(input, featureCount);
        if (ofRow != null) {
            return ofRow;
        }
        long[] shape = new long[Math.max(0, rank - 1)];
        for (int i = 0; i < shape.length; i++) {
            if (!input.isFixed(i + 1)) {
                throw new IllegalArgumentException("the network's input '" + input.name() + "' has the symbolic shape "
                        + input.dims() + "; give the backbone inputShape, the sizes of one example");
            }
            shape[i] = input.dim(i + 1);
        }
        return shape;
    }

    private static void requireFits(ValueInfo input, long[] shape) {
        boolean fits = input.dims().size() == shape.length + 1;
        for (int i = 0; fits && i < shape.length; i++) {
            fits = shape[i] > 0 && (!input.isFixed(i + 1) || input.dim(i + 1) == shape[i]);
        }
        if (!fits || Tensor.count(shape) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("one example has shape " + Arrays.toString(shape)
                    + ", which does not fit the network's input '" + input.name() + "' of shape " + input.dims());
        }
    }

    /** The same for numbers that may be missing. */
    DenseInput missing() {
        return new DenseInput(input, shape, transformer, true);
    }

    int size() {
        return (int) shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }

    /** Ends a sentence. */
    String describe() {
        return "input '" + input.name() + "' of shape " + input.dims() + " has " + size() + " elements an example";
    }

    /**
     * Starts a batch.
     *
     * @param first the number that sentences give to the first example
     */
    Filler filler(int examples, int first) {
        return transformer == null
                ? new PlainFiller(this, examples, first)
                : new TransformerFiller(this, transformer, examples, first);
    }

    private long[] batchShape(int examples) {
        long[] batch = new long[shape.size() + 1];
        batch[0] = examples;
        for (int i = 0; i < shape.size(); i++) {
            batch[i + 1] = shape.get(i);
        }
        return batch;
    }

    private static IllegalArgumentException unfit(int example, Feature feature, String expected) {
        return new IllegalArgumentException("example " + example + ": feature '" + feature.getName() + "' is "
                + feature.getValue() + "; expected " + expected);
    }

    /** Receives the features of a batch. */
    interface Filler {
        void put(int example, int position, Feature feature);

        Tensor tensor();
    }

    /** Writes elements in C order in the input's own type. */
    private static final class PlainFiller implements Filler {
        private final DenseInput host;
        private final ElementType type;
        private final int examples;
        private final int first;
        private final ByteBuffer data;

        PlainFiller(DenseInput host, int examples, int first) {
            this.host = host;
            this.first = first;
            this.type = host.input.type();
            this.examples = examples;
            long bytes = Math.multiplyExact((long) host.size() * type.bytes(), examples);
            if (bytes > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(examples + " examples of " + host.size() + " elements need " + bytes
                        + " bytes; at most " + Integer.MAX_VALUE + " fit in one batch");
            }
            this.data = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public void put(int example, int position, Feature feature) {
            int offset = (example * host.size() + position) * type.bytes();
            double value = feature.getValue();
            switch (type) {
                case FLOAT ->
                    data.putFloat(
                            offset, isMissing(value) ? Float.NaN : finite(first + example, feature, (float) value));
                case DOUBLE -> {
                    if (!Double.isFinite(value) && !isMissing(value)) {
                        throw unfit(first + example, feature, "a finite number");
                    }
                    data.putDouble(offset, value);
                }
                default -> putInteger(first + example, offset, feature);
            }
        }

        private boolean isMissing(double value) {
            return host.mayMiss && Double.isNaN(value);
        }

        private static float finite(int example, Feature feature, float value) {
            if (!Float.isFinite(value)) {
                throw unfit(example, feature, "a finite number in the range of float32");
            }
            return value;
        }

        private void putInteger(int example, int offset, Feature feature) {
            Integers.Range range = Integers.range(type);
            double value = feature.getValue();
            if (value != Math.rint(value) || value < range.min() || value > range.max()) {
                throw unfit(example, feature, "an integer from " + range.min() + " to " + range.max());
            }
            Integers.put(data, offset, type, (long) value);
        }

        @Override
        public Tensor tensor() {
            return new Tensor(type, host.batchShape(examples), data);
        }
    }

    /** Collects sparse vectors whose indices are input positions, and has Tribuo's transformer make the tensor. */
    private static final class TransformerFiller implements Filler {
        private final DenseInput host;
        private final ExampleTransformer transformer;
        private final int first;
        private final List<TreeMap<Integer, Double>> rows;

        TransformerFiller(DenseInput host, ExampleTransformer transformer, int examples, int first) {
            this.host = host;
            this.first = first;
            this.transformer = transformer;
            this.rows = Stream.generate(() -> new TreeMap<Integer, Double>())
                    .limit(examples)
                    .toList();
        }

        @Override
        public void put(int example, int position, Feature feature) {
            rows.get(example)
                    .put(position, (double) PlainFiller.finite(first + example, feature, (float) feature.getValue()));
        }

        @Override
        public Tensor tensor() {
            List<SparseVector> vectors = rows.stream().map(this::vector).toList();
            // The environment exists already: the network whose inputs these are was opened before.
            try (OnnxTensor made = transformer.transform(OrtEnvironment.getEnvironment(), vectors)) {
                return convert(made);
            } catch (OrtException e) {
                throw new IllegalArgumentException("transformer " + transformer + " failed: " + e.getMessage(), e);
            }
        }

        private SparseVector vector(Map<Integer, Double> row) {
            int[] indices = row.keySet().stream().mapToInt(Integer::intValue).toArray();
            double[] values =
                    row.values().stream().mapToDouble(Double::doubleValue).toArray();
            return SparseVector.createSparseVector(host.size(), indices, values);
        }

        private Tensor convert(OnnxTensor made) {
            long[] expected = host.batchShape(rows.size());
            long[] found = made.getInfo().getShape();
            FloatBuffer floats = made.getFloatBuffer();
            if (floats == null || !Arrays.equals(found, expected)) {
                throw new IllegalArgumentException(
                        "transformer " + transformer + " makes a tensor " + made.getInfo() + ", but the network's "
                                + host.describe() + "; expected float32 of shape " + Arrays.toString(expected));
            }
            double[] values = new double[floats.remaining()];
            for (int i = 0; i < values.length; i++) {
                values[i] = floats.get(i);
            }
            return Tensor.ofReals(host.input.type(), values, expected);
        }
    }
}
