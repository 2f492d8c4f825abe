package org.finitentk.bundle;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Set;
import org.finitentk.onnx.InvalidModelException;

/** Files that a bundle's graphs read their weights from. */
final class ExternalData {
    private ExternalData() {}

    /**
     * Weights in a file that the manifest does not list would be read without their hash being verified.
     *
     * @throws InvalidModelException naming the graph and the file
     */
    static void requireListed(String graph, byte[] model, Set<String> listed) {
        try {
            for (TensorProto tensor : ModelProto.parseFrom(model).getGraph().getInitializerList()) {
                for (StringStringEntryProto entry : tensor.getExternalDataList()) {
                    if (entry.getKey().equals("location") && !listed.contains(entry.getValue())) {
                        throw new InvalidModelException(graph + " has weights in '" + entry.getValue() + "', which "
                                + BundleManifest.FILE + " does not list among its files " + listed);
                    }
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidModelException(graph + " is no ONNX file: " + e.getMessage(), e);
        }
    }
}
