package org.finitentk.internal.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.onnx.ConstantValues.Form;
import org.finitentk.internal.onnx.ConstantValues.Source;
import org.finitentk.internal.onnx.OperatorTraits.Trait;
import org.finitentk.internal.onnx.WeightFlow.Layer;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Node;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.WeightRule;
import org.jspecify.annotations.Nullable;

/**
 * The rule {@link WeightRule#ROLE}: what a constant does in each node that it meets activations in decides whether it
 * is a weight; one use as a weight is enough.
 */
final class WeightRoles {
    private final Graph graph;
    private final ConstantValues values;
    private final LayerOperands layers;
    private final WeightFlow flow;
    private final Map<String, Role> roles = new HashMap<>();

    /** What a constant is in one place. */
    private record Role(boolean weight, String reason) {
        static Role weight(String reason) {
            return new Role(true, reason);
        }

        static Role other(String reason) {
            return new Role(false, reason);
        }
    }

    WeightRoles(Graph graph) {
        this.graph = graph;
        this.values = new ConstantValues(graph);
        GraphLinks links = new GraphLinks(graph);
        this.layers = new LayerOperands(graph, values, links);
        this.flow = new WeightFlow(graph, values, layers, links);
    }

    List<FloatConstant> judge() {
        for (Node node : graph.nodes()) {
            flow.advance(node, !ConstantValues.arranges(node) && visit(node));
        }
        List<FloatConstant> all = new ArrayList<>();
        values.firstUses().forEach((name, node) -> {
            Role role = roles.getOrDefault(
                    name, Role.other("makes nothing that meets the activations; first used by " + node.describe()));
            all.add(FloatConstant.of(graph, name, role.weight(), role.reason()));
        });
        return all;
    }

    /** Notes the roles of a node's constants; tells whether one is a weight. */
    private boolean visit(Node node) {
        boolean weighted = false;
        for (int i = 0; i < node.inputs().size(); i++) {
            for (Source source : values.sources(node.input(i))) {
                Role role = role(node, i, source);
                if (role != null) {
                    weighted |= role.weight();
                    Role known = roles.get(source.name());
                    if (known == null || role.weight() && !known.weight()) {
                        roles.put(source.name(), role);
                    }
                }
            }
        }
        return weighted;
    }

    /** What a constant is at an input of a node; null where it only makes another constant. */
    private @Nullable Role role(Node node, int position, Source source) {
        boolean formula = node.name().startsWith(Rewritten.FORMULA);
        if (formula || source.name().startsWith(Rewritten.FORMULA)) {
            String of = formula ? node.name() : source.name();
            return node.inputs().stream().anyMatch(values::isActivation)
                    ? Role.other("a constant of the " + of.replaceAll("/[^/]*$", ""))
                    : null;
        }
        String operand = layers.operand(node, position);
        if (operand != null) {
            return layerRole(node, operand, source);
        }
        if (node.inputs().stream().noneMatch(values::isActivation)) {
            return null;
        }
        if (!node.domain().isEmpty()) {
            return Role.other("input " + position + " of " + node.describe() + ", which is no standard operator");
        }
        if (source.form() == Form.DEVIATION) {
            return Role.other("variance of the standardization that ends in " + node.describe());
        }
        if (isSum(node) || OperatorTraits.of(node).has(Trait.SCALES)) {
            return elementwise(node, position, source);
        }
        if (node.op().equals("Concat") || source.expanded()) {
            return token(node, source);
        }
        return Role.other("operand of " + node.describe() + ", which takes no weights there");
    }

    private Role layerRole(Node node, String operand, Source source) {
        Tensor value = values.constant(source);
        if (operand.equals(OperatorTraits.INITIAL_STATE)) {
            return ConstantNumbers.isZero(value)
                    ? Role.other("zeros, the initial state of " + node.describe())
                    : Role.weight("learned initial state of " + node.describe());
        }
        if (layers.standsForAnother(node)) {
            return Role.other("ones or zeros of " + node.describe() + ", which stands for a "
                    + (node.op().startsWith("B") ? "LayerNormalization" : "GroupNormalization"));
        }
        return Role.weight(
                (source.form().compareTo(Form.FUNCTION) < 0 ? operand + " of " : "makes the " + operand + " of ")
                        + node.describe());
    }

    private Role token(Node node, Source source) {
        Tensor value = values.constant(source);
        if (ConstantNumbers.isMask(value)) {
            return Role.other("a mask: " + ConstantNumbers.MASK);
        }
        if (value.size() == 1 && (source.expanded() || value.isFromConstantNode())) {
            return Role.other("one number that fills the space that " + node.describe() + " needs");
        }
        return Role.weight(
                node.op().equals("Concat")
                        ? "token embedding: " + node.describe() + " puts it beside the activations"
                        : "token embedding: expanded for " + node.describe());
    }

    private static boolean isSum(Node node) {
        OperatorTraits traits = OperatorTraits.of(node);
        return traits.has(Trait.ADDS) || traits.has(Trait.SUBTRACTS);
    }

    private Role elementwise(Node node, int position, Source source) {
        Tensor value = values.constant(source);
        WeightFlow.State before = flow.before(node);
        boolean sum = isSum(node);
        if (before.layer() == Layer.NONE && layers.any()) {
            return Role.other("standardizes the input: " + node.describe() + " comes before any weight");
        }
        if (ConstantNumbers.isMask(value)
                && !(sum && before.maker() == Layer.OPEN && ConstantNumbers.isOneNumber(value))) {
            return Role.other("a mask: " + ConstantNumbers.MASK);
        }
        if (before.layer() == Layer.BIASED && flow.isLast(node)) {
            return Role.other(
                    "standardizes the output: " + node.describe() + " comes after the last layer, which has a bias");
        }
        if (sum && flow.isCentered(node)) {
            return Role.other("mean of the standardization that begins with " + node.describe());
        }
        return sum ? summand(node, position, value, before) : factor(node, position, source, value, before);
    }

    private Role summand(Node node, int position, Tensor value, WeightFlow.State before) {
        boolean open = before.maker() == Layer.OPEN;
        if (value.size() > 1) {
            return Role.weight(
                    open
                            ? "bias: " + node.describe() + " adds it to what a weight makes"
                            : "embedding: " + node.describe() + " adds it to the activations");
        }
        if (!open || node.op().equals("Sub") && position == 0) {
            return Role.other("a scalar of a formula in " + node.describe()
                    + (before.maker() == Layer.BIASED
                            ? ", added to what has a bias already"
                            : ", not added to what a weight makes"));
        }
        if (value.isFromConstantNode() && flow.readers(before.made()) > 1) {
            return Role.other("a scalar of a formula in " + node.describe()
                    + ", which the file writes as a Constant node beside other uses of the same activations");
        }
        return Role.weight("bias of one element: " + node.describe() + " adds it to what a weight makes");
    }

    private Role factor(Node node, int position, Source source, Tensor value, WeightFlow.State before) {
        if (value.size() > 1) {
            return ConstantNumbers.isSwitch(value)
                    ? Role.other("a mask: zeros and ones that " + node.describe() + " multiplies by")
                    : Role.weight("scale: " + node.describe()
                            + (node.op().equals("Mul") ? " multiplies by it" : " divides by it"));
        }
        if (value.isFromConstantNode()) {
            return Role.other("a scalar of a formula: " + node.describe() + " takes it from a Constant node");
        }
        if (values.uses(source.name()) > 1) {
            return Role.other("a factor of one element that is used " + values.uses(source.name()) + " times");
        }
        if (node.op().equals("Div") && position == 0) {
            return Role.other("a scalar of a formula: " + node.describe() + " divides it by the activations");
        }
        String formula = before.follows() != null ? before.follows() : flow.formulaAhead(node);
        return formula != null
                ? Role.other("a scalar of a formula: " + node.describe() + " belongs to " + formula)
                : Role.weight("gain of one element: of " + node.describe());
    }
}
