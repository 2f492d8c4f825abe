package org.finitentk.internal.onnx;

import java.util.List;
import java.util.function.Consumer;
import org.finitentk.onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * The standard operators' shapes, and what each demands of the number, the ranks and the sizes of its inputs and of its
 * attributes, by the ONNX specification and as ONNX Runtime has it. Demands are checked before shapes are inferred, so
 * that shape rules and derivative rules need not expect anything else.
 */
final class ShapeRules {
    private static final ShapeTable TABLE = new ShapeTable();

    static {
        List.<Consumer<ShapeTable>>of(
                        ElementwiseShapes::register,
                        ActivationShapes::register,
                        ReductionShapes::register,
                        NormalizationShapes::register,
                        MatrixShapes::register,
                        EinsumShapes::register,
                        ConvShapes::register,
                        ConvTransposeShapes::register,
                        PoolingShapes::register,
                        MovementShapes::register,
                        IndexingShapes::register,
                        SpaceShapes::register,
                        RecurrentShapes::register,
                        SizeShapes::register)
                .forEach(family -> family.accept(TABLE));
    }

    private ShapeRules() {}

    /** What is known of a node's operator; null if that is nothing. */
    static ShapeTable.@Nullable Entry find(Node node) {
        return node.domain().isEmpty() ? TABLE.find(node.op()) : null;
    }
}
