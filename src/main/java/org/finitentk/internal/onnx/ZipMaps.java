package org.finitentk.internal.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import java.util.List;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.ValueInfo;

/**
 * The operator ZipMap, with which scikit-learn's exporter gives the columns of a matrix of probabilities their labels.
 * What goes into it is the matrix.
 */
final class ZipMaps {
    static final String OP = "ZipMap";
    static final String DOMAIN = "ai.onnx.ml";

    private ZipMaps() {}

    /** Whether a graph's output is what a ZipMap makes. */
    static boolean makes(GraphProto graph, String output) {
        return graph.getNodeList().stream()
                .anyMatch(node -> node.getOpType().equals(OP)
                        && node.getDomain().equals(DOMAIN)
                        && node.getOutputList().contains(output));
    }

    /** The matrix under the output's name: one row an example. */
    static ValueInfo output(String name) {
        return new ValueInfo(name, ElementType.FLOAT, List.of(name + "_examples", name + "_columns"));
    }
}
