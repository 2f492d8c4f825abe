package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.finitentk.internal.autodiff.OperatorSupport.Kind;
import org.finitentk.internal.onnx.Compounds;
import org.finitentk.internal.onnx.StandardOperators;
import org.finitentk.onnx.InvalidModelException;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** The table of operators, and what is said of nodes that have no rule. */
@NullUnmarked
final class OperatorSupportTest {
    private static final Map<String, OperatorSupport> TABLE =
            OperatorSupport.all().stream().collect(Collectors.toMap(OperatorSupport::operator, Function.identity()));

    @Test
    void everythingThatIsKnownIsInTheTable() {
        Set<String> known = new TreeSet<>(Rules.supported());
        Compounds.operators().stream().filter(op -> !op.contains(".")).forEach(known::add);
        known.removeAll(StandardOperators.names());
        assertEquals(Set.of(), known, "standard operators that the list lacks");
        known.addAll(Rules.supported());
        known.removeIf(op -> TABLE.get(op).kind() != Kind.REFUSED);
        assertEquals(Set.of(), known, "operators with rules that are called refused");
    }

    @Test
    void kindsAreThoseOfTheRules() {
        assertEquals(new OperatorSupport("MatMul", Kind.DIFFERENTIABLE, ""), TABLE.get("MatMul"));
        assertEquals(new OperatorSupport("Swish", Kind.DIFFERENTIABLE, ""), TABLE.get("Swish"));
        assertEquals(Kind.CONSTANT, TABLE.get("ArgMax").kind());
        assertEquals(Kind.REFUSED, TABLE.get("Det").kind());
        assertEquals(Kind.DIFFERENTIABLE, TABLE.get("If").kind());
        assertTrue(TABLE.get("If").condition().contains("condition"), "a condition of If");
    }

    private static FileModel start() {
        return FileModel.of(17)
                .in("x", "N", "4")
                .weights("w", 4, 3)
                .weights("v", 3, 2)
                .node("MatMul", "h", "x,w");
    }

    private static String refusal(FileModel file) {
        file.out("y", "N", "2");
        String message = String.valueOf(assertThrows(InvalidModelException.class, () -> FileChecker.check(file.bytes()))
                .getMessage());
        assertTrue(message.length() < 600 && !message.contains("Softplus"), message);
        return message;
    }

    @Test
    void theFirstNodeOfUnknownShapeIsBlamed() {
        String before = refusal(FileModel.of(17)
                .domain("own", 1)
                .in("x", "N", "4")
                .weights("w", 3, 2)
                .node("own:Features", "f", "x")
                .node("Tanh", "t", "f")
                .node("MatMul", "y", "t,w"));
        assertTrue(before.contains("'the_f' (own.Features)") && before.contains("standard"), before);
        String behind = refusal(
                start().node("NonZero", "n", "x").node("Gather", "g", "h,n").node("MatMul", "y", "g,v"));
        assertTrue(behind.contains("'the_n' (NonZero)"), behind);
    }

    @Test
    void aNodeWithoutARuleIsNamedWithWhatToDo() {
        String message = refusal(start().longs("one", -1, 1, 1)
                .node("Reshape", "square", "h,one")
                .node("Det", "r", "square")
                .node("MatMul", "y", "r,v"));
        assertTrue(message.contains("'the_r' (Det)") && message.contains("inspect --operators"), message);
    }

    @Test
    void filesOfTheOptimizerAreNamed() {
        String fused = refusal(
                start().domain("com.microsoft", 1).node("com.microsoft:FusedMatMul", "y", "h,v", "alpha", 0.5f));
        assertTrue(fused.contains("'the_y'") && fused.contains("use the file before optimization"), fused);
        String blocked = refusal(FileModel.of(17)
                .domain("com.microsoft.nchwc", 1)
                .in("x", "N", "4")
                .weights("w", 4, 2)
                .node("com.microsoft.nchwc:ReorderOutput", "h", "x", "channels", 4)
                .node("MatMul", "y", "h,w"));
        assertTrue(blocked.contains("'the_h'") && blocked.contains("use the file before optimization"), blocked);
    }
}
