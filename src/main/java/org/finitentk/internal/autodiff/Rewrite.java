package org.finitentk.internal.autodiff;

import java.util.List;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.Node;

/** One node being written in other operators. */
final class Rewrite extends RuledNode {
    Rewrite(Node node, Algebra algebra) {
        super(node, algebra);
    }

    boolean wants(int output) {
        return output < node().outputs().size() && !node().outputs().get(output).isEmpty();
    }

    /** Gives output 0 its value. */
    void result(Value value) {
        result(0, value);
    }

    /** Gives an output its value, if it has a name. */
    void result(int output, Value value) {
        if (wants(output)) {
            String name = node().outputs().get(output);
            algebra()
                    .builder()
                    .add(new Node(name, "", "Identity", List.of(value.name()), List.of(name), Attributes.NONE));
        }
    }
}
