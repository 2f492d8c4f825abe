package org.finitentk.internal.onnx;

import java.util.Arrays;
import org.finitentk.internal.onnx.ShapeRule.Outcome;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Tensor;

/** Sizes as numbers, and constants of a size. */
final class SizeShapes {
    private SizeShapes() {}

    static void register(ShapeTable t) {
        t.put("Shape", 1, 1, s -> {
            long[] x = s.shape(0);
            long start = s.node().integer("start", 0);
            long end = s.node().integer("end", x.length);
            int from = (int) MovementShapes.clamp(start < 0 ? start + x.length : start, 0, x.length);
            int to = (int) MovementShapes.clamp(end < 0 ? end + x.length : end, from, x.length);
            return Outcome.of(ElementType.INT64, to - from)
                    .with(Arrays.stream(x, from, to).asDoubleStream().toArray());
        });
        t.put("Size", 1, 1, s -> Outcome.of(ElementType.INT64).with(new double[] {Tensor.count(s.shape(0))}));
        t.put("ConstantOfShape", 1, 1, s -> {
                    Tensor given = TensorReader.attribute(s.node(), "value");
                    Tensor value = given == null ? Tensor.ofFloats(new float[1], 1) : given;
                    long[] shape = s.longs(0);
                    double[] out = null;
                    if (Tensor.count(shape) <= 1024) {
                        out = new double[(int) Tensor.count(shape)];
                        Arrays.fill(out, value.toDoubles()[0]);
                    }
                    return Outcome.of(value.type(), shape).with(out);
                })
                .demands(d -> {
                    d.rank(0, 1);
                    d.within(0, 0, Long.MAX_VALUE);
                    Tensor value = TensorReader.attribute(d.node(), "value");
                    if (value != null && value.size() != 1) {
                        throw Demands.refused("attribute value has " + value.size() + " elements", "one");
                    }
                });
        t.put("Range", 3, 3, s -> {
                    double[] start = s.known(0);
                    double[] limit = s.known(1);
                    double[] delta = s.known(2);
                    if (start == null || limit == null || delta == null) {
                        throw new InvalidModelException("the length of the range is computed from data");
                    }
                    double length = Math.max(0, Math.ceil((limit[0] - start[0]) / delta[0]));
                    if (!(length <= 1024)) {
                        return Outcome.of(s.type(0), (long) length);
                    }
                    double[] out = new double[(int) length];
                    for (int i = 0; i < out.length; i++) {
                        out[i] = start[0] + i * delta[0];
                    }
                    return Outcome.of(s.type(0), out.length).with(out);
                })
                .demands(d -> {
                    for (int i = 0; i < 3; i++) {
                        d.rank(i, 0);
                    }
                    long[] step = d.known(2);
                    if (step != null && d.in(2).type() == ElementType.INT64 && step[0] == 0) {
                        throw Demands.refused("its step is 0", "another number");
                    }
                });
        t.put("EyeLike", ShapeRule.SAME);
        t.put("DequantizeLinear", s -> Outcome.of(s.type(1), s.shape(0)));
    }
}
