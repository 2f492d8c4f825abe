package org.finitentk.internal.autodiff;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.finitentk.internal.onnx.Value;
import org.finitentk.onnx.Node;

/** Transposes the linear part of a linearized graph, from one output's cotangent back to the parameters. */
final class ReverseMode {
    private final Algebra algebra;
    private final List<Node> linearNodes;
    private final Set<String> linear;
    /** By a linear node's output, the node of the network whose derivative it is of, as messages name nodes. */
    private final Map<String, String> described = new HashMap<>();

    ReverseMode(ForwardMode forward) {
        this.algebra = forward.algebra();
        this.linear = forward.linearValues();
        this.linearNodes = algebra.builder().nodes().stream()
                .filter(n -> linear.contains(n.output()))
                .toList();
        List<Node> nodes = algebra.builder().nodes();
        for (int i = 0; i < nodes.size(); i++) {
            Node origin = forward.origin(i);
            if (origin != null) {
                described.put(nodes.get(i).output(), origin.describe());
            }
        }
        algebra.builder().hide(linear);
    }

    void run(Value output, Value seed, Cotangents cotangents) {
        cotangents.add(output, new CotangentTerm.Exact(algebra.reshape(seed, output.shape())));
        for (int i = linearNodes.size() - 1; i >= 0; i--) {
            Node node = linearNodes.get(i);
            if (node.outputs().stream().anyMatch(o -> cotangents.find(o) != null)) {
                transpose(node, cotangents);
            }
        }
    }

    /** The nodes that depend linearly on the tangents, in order. */
    List<Node> linearNodes() {
        return linearNodes;
    }

    boolean isLinear(String name) {
        return linear.contains(name);
    }

    /** Takes the cotangents of a node's outputs to its linear inputs. */
    void transpose(Node node, Cotangents cotangents) {
        TransposeRule rule = Rules.TABLE.transpose(node.op());
        if (rule == null) {
            throw new IllegalStateException(
                    "linear operator " + node.op() + ", emitted by a derivative rule, has no transpose rule");
        }
        String origin = described.getOrDefault(node.output(), node.describe());
        Rules.apply(
                () -> rule.apply(new Transposition(node, origin, linear, cotangents)),
                () -> origin + " has a derivative that cannot be transposed (" + node.op()
                        + "); expected the shapes and attributes that the ONNX specification allows");
    }

    /** After a run: brings what stopped at values made only of parameters back to the parameters themselves. */
    void throughParameters(Set<String> parameterOnly, PerExampleCotangents cotangents) {
        for (int i = linearNodes.size() - 1; i >= 0; i--) {
            Node node = linearNodes.get(i);
            if (parameterOnly.contains(node.output())) {
                int in = linear.contains(node.input(0)) ? 0 : 1;
                cotangents.throughParameters(node, algebra.builder().shapes().get(node.input(in)), in);
            }
        }
    }
}
