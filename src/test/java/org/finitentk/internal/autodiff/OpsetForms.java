package org.finitentk.internal.autodiff;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.function.Function;
import org.finitentk.internal.autodiff.RulesTest.Rows;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.onnx.Tensor;

/** Adds rows of older opsets. */
abstract class OpsetForms {
    private static final long[] ALL = {7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21};

    private final Rows rows;

    OpsetForms(Rows rows) {
        this.rows = rows;
    }

    /** A row for each of the opsets from one to another in which an operator has the same form. */
    final void form(long from, long to, String name, Function<Net, String> body) {
        for (long opset : ALL) {
            // both ends and one in three between: the reader does not know more versions than forms
            if (Boolean.getBoolean("finitentk.opsets.all") && opset >= from && opset <= to
                    || opset == from
                    || opset == to
                    || opset > from && opset < to && opset % 3 == 0) {
                rows.add(opset, name, body);
            }
        }
    }

    static Attributes attributes() {
        return new Attributes();
    }

    static Attributes value(Tensor tensor) {
        AttributeProto proto = AttributeProto.newBuilder()
                .setName("value")
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(tensor.toProto(""))
                .build();
        return new Attributes(java.util.Map.of("value", proto));
    }

    static Attributes floats(String key, float... values) {
        AttributeProto.Builder proto =
                AttributeProto.newBuilder().setName(key).setType(AttributeProto.AttributeType.FLOATS);
        for (float v : values) {
            proto.addFloats(v);
        }
        return new Attributes(java.util.Map.of(key, proto.build()));
    }
}
