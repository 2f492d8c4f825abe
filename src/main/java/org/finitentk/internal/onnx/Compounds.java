package org.finitentk.internal.onnx;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * Operators that are written in others of the standard when a graph is read: those of later opsets than
 * {@link Graph#OPSET}, and of domains beside the standard, for which neither derivative rules nor, some of them, ONNX
 * Runtime exists.
 */
public final class Compounds {
    private static final CompoundTable TABLE = new CompoundTable();

    static {
        List.<Consumer<CompoundTable>>of(
                        LaterOperators::register,
                        SamplingOperators::register,
                        SignalOperators::register,
                        LossOperators::register,
                        AttentionOperators::register,
                        MicrosoftOperators::register,
                        ScikitOperators::register)
                .forEach(family -> family.accept(TABLE));
    }

    private Compounds() {}

    /** How a node is written in others; null if it is not. */
    static @Nullable Consumer<Rewritten> find(Node node) {
        return TABLE.find(node);
    }

    /**
     * All operators that are written in others.
     *
     * @return their names, after their domain and a dot if that is not the standard one
     */
    public static Set<String> operators() {
        return TABLE.operators();
    }
}
