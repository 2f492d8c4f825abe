package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.internal.onnx.Attributes;
import org.finitentk.internal.onnx.GraphBuilder;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;

/**
 * A product that is 0 where either factor is 0, also where the other is infinite or no number: what a branch that is
 * not taken contributes to a derivative; and a quotient that is 0 where the numerator is 0 or the divisor infinite.
 * Elsewhere both have the very bits of the plain operators. They are operators of their own while a graph is being
 * derived, linear in the factor or numerator that is a tangent or a cotangent, and are written in standard ones in the
 * end.
 */
final class GuardedProduct {
    /** Its name among operators; no standard operator has it. */
    static final String OP = "GuardedProduct";
    /** The quotient's. */
    static final String QUOTIENT = "GuardedQuotient";
    /** Not a domain of any file: the operators never leave this package. */
    static final String DOMAIN = "org.finitentk.derived";

    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Tensor> initializers;
    private final Set<String> names = new HashSet<>();

    private GuardedProduct(Graph graph) {
        initializers = new LinkedHashMap<>(graph.initializers());
        names.addAll(initializers.keySet());
        graph.inputs().forEach(i -> names.add(i.name()));
        graph.nodes().forEach(n -> {
            names.addAll(n.outputs());
            names.addAll(n.bodyNames());
        });
    }

    /** Emits a product or a quotient. */
    static Value emit(GraphBuilder builder, String op, Value a, Value b) {
        String name = builder.fresh(op);
        List<String> factors = List.of(a.name(), b.name());
        // types and shapes are those of a plain product
        Value out = builder.shapes()
                .infer(new Node(name, "", "Mul", factors, List.of(name), Attributes.NONE))
                .get(0);
        builder.add(new Node(
                name,
                DOMAIN,
                op,
                factors,
                List.of(name),
                new Attributes().integer("type", out.type().code()).build()));
        return out;
    }

    /** The same graph in standard operators. */
    static Graph written(Graph graph) {
        if (graph.nodes().stream().noneMatch(n -> n.domain().equals(DOMAIN))) {
            return graph;
        }
        GuardedProduct all = new GuardedProduct(graph);
        for (Node node : graph.nodes()) {
            if (node.domain().equals(DOMAIN)) {
                all.write(node);
            } else {
                all.nodes.add(node);
            }
        }
        return graph.with(all.initializers, all.nodes);
    }

    private void write(Node node) {
        ElementType type = ElementType.of((int) node.integer("type", 1));
        boolean divides = node.op().equals(QUOTIENT);
        String zero = zero(type);
        String first = emit("Equal", node.input(0), zero);
        String second = divides ? emit("IsInf", node.input(1)) : emit("Equal", node.input(1), zero);
        String plain = emit(divides ? "Div" : "Mul", node.input(0), node.input(1));
        nodes.add(new Node(
                node.name(),
                "",
                "Where",
                List.of(emit("Or", first, second), zero, plain),
                node.outputs(),
                Attributes.NONE));
    }

    private String zero(ElementType type) {
        String name = OP + "_zero_" + type;
        if (!initializers.containsKey(name)) {
            initializers.put(name, Tensor.ofReals(type, new double[1]));
        }
        return name;
    }

    private String emit(String op, String... in) {
        String name = OP + "_" + op + "_" + nodes.size();
        while (!names.add(name)) {
            name += "_";
        }
        nodes.add(new Node(name, "", op, List.of(in), List.of(name), Attributes.NONE));
        return name;
    }
}
