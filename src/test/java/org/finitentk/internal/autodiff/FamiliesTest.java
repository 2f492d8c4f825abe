package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Node;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * An operator's shapes, rule, reference and rows are found under one name: those of Softmax in
 * {@code ActivationShapes}, {@code ActivationRules}, {@code ReferenceActivation} and {@code ActivationRows}.
 */
final class FamiliesTest {
    private static final List<String> FAMILIES = List.of(
            "Elementwise",
            "Activation",
            "Reduction",
            "Normalization",
            "Matrix",
            "Einsum",
            "Conv",
            "ConvTranspose",
            "Pooling",
            "Movement",
            "Indexing",
            "Space",
            "Recurrent",
            "Size");
    private static final String SHAPES = "org.finitentk.internal.onnx.";
    private static final String RULES = "org.finitentk.internal.autodiff.";
    /** No shape is known of it: it is as long as its input has elements that are not 0. */
    private static final Set<String> WITHOUT_SHAPE = Set.of("NonZero");

    static RuleTable rules(String family) throws ReflectiveOperationException {
        RuleTable table = new RuleTable();
        enter(RULES + family + "Rules", "register", table);
        return table;
    }

    private static void enter(String type, String method, Object table) throws ReflectiveOperationException {
        Method register = Stream.of(Class.forName(type).getDeclaredMethods())
                .filter(m -> m.getName().equals(method) && m.getParameterCount() == 1)
                .filter(m -> m.getParameterTypes()[0].isInstance(table))
                .findFirst()
                .orElseThrow();
        register.setAccessible(true);
        register.invoke(null, table);
    }

    @TestFactory
    Stream<DynamicTest> families() {
        return FAMILIES.stream()
                .map(family -> DynamicTest.dynamicTest(family, () -> {
                    Set<String> operators = rules(family).supported();
                    assertFalse(operators.isEmpty());
                    assertEquals(Set.of(), without(operators, shapes(family), WITHOUT_SHAPE), "without shapes there");
                    Set<String> moving = without(operators, constants(family), Set.of());
                    assertEquals(Set.of(), without(moving, references(family), Set.of()), "without a reference there");
                    assertEquals(Set.of(), without(moving, rows(family, moving), Set.of()), "without a row there");
                }));
    }

    private static Set<String> without(Set<String> all, Set<String> known, Set<String> exempt) {
        Set<String> left = new TreeSet<>(all);
        left.removeAll(known);
        left.removeAll(exempt);
        return left;
    }

    private static Set<String> constants(String family) throws ReflectiveOperationException {
        RuleTable table = rules(family);
        return table.supported().stream().filter(table::isConstant).collect(Collectors.toSet());
    }

    private static Set<String> shapes(String family) throws ReflectiveOperationException {
        Constructor<?> constructor = Class.forName(SHAPES + "ShapeTable").getDeclaredConstructor();
        constructor.setAccessible(true);
        Object table = constructor.newInstance();
        enter(SHAPES + family + "Shapes", "register", table);
        Method find = table.getClass().getDeclaredMethod("find", String.class);
        find.setAccessible(true);
        Set<String> known = new TreeSet<>();
        for (String operator : Rules.supported()) {
            if (find.invoke(table, operator) != null) {
                known.add(operator);
            }
        }
        return known;
    }

    private static Set<String> references(String family) throws ReflectiveOperationException {
        Map<String, ReferenceInterpreter.Operator> table = new HashMap<>();
        enter(RULES + "Reference" + family, "register", table);
        return table.keySet();
    }

    private static Set<String> rows(String family, Set<String> moving) throws ReflectiveOperationException {
        Set<String> operators = new TreeSet<>();
        if (moving.isEmpty()) {
            return operators;
        }
        RulesTest.Rows rows = new RulesTest.Rows();
        enter(RULES + family + "Rows", "add", rows);
        for (RulesTest.Entry entry : rows.entries()) {
            Net net = new Net(ElementType.FLOAT);
            net.graph(entry.body().apply(net)).nodes().stream().map(Node::op).forEach(operators::add);
        }
        return operators;
    }

    @Test
    void everyOperatorHasAFamily() throws ReflectiveOperationException {
        Set<String> all = new TreeSet<>();
        for (String family : FAMILIES) {
            all.addAll(rules(family).supported());
        }
        assertEquals(Rules.supported(), all);
    }
}
