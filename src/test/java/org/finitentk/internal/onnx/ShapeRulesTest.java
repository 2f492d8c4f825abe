package org.finitentk.internal.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Elementwise operators need no shape of their own when a rule for one is added: that of each of the standard is known.
 */
@NullUnmarked
class ShapeRulesTest {
    /** Functions of one input in ai.onnx up to opset 21. */
    private static final List<String> FUNCTIONS = List.of(("Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu "
                    + "Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Log Mish Neg "
                    + "Not Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Tan Tanh "
                    + "ThresholdedRelu")
            .split(" "));

    @TestFactory
    Stream<DynamicTest> functionsOfTheStandard() {
        return FUNCTIONS.stream()
                .map(op -> DynamicTest.dynamicTest(op, () -> {
                    ShapeInference shapes = new ShapeInference();
                    shapes.input(new ValueInfo("x", ElementType.FLOAT, List.of("batch", "3")));
                    List<Value> out = shapes.infer(node(op, List.of("x")));
                    assertEquals(1, out.size());
                    assertArrayEquals(
                            shapes.get("x").shape().at(0), out.get(0).shape().at(0));
                    if (!op.startsWith("Bitwise")) {
                        assertThrows(InvalidModelException.class, () -> shapes.infer(node(op, List.of("x", "x"))));
                    }
                }));
    }

    private static Node node(String op, List<String> inputs) {
        return new Node("n", "", op, inputs, List.of("y"), Map.of());
    }
}
