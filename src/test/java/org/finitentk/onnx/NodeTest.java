package org.finitentk.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.finitentk.internal.onnx.Attributes;
import org.junit.jupiter.api.Test;

/** Nodes as they are written. */
final class NodeTest {
    /**
     * A network's SHA-256 is in provenance: the same graph must be the same bytes in every run of the JVM, whose own
     * immutable maps have another order each time.
     */
    @Test
    void attributesAreInTheOrderOfTheirNames() {
        List<String> names = List.of(
                "strides", "pads", "group", "kernel_shape", "dilations", "auto_pad", "alpha", "beta", "mode", "axis");
        Attributes attributes = new Attributes();
        names.forEach(name -> attributes.integer(name, 1));
        Node node = new Node("n", "", "Conv", List.of("x"), List.of("y"), attributes.build());
        assertEquals(
                names.stream().sorted().toList(), List.copyOf(node.attributes().keySet()));
    }
}
