package org.finitentk.internal.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.finitentk.internal.autodiff.FileModel;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Numbers of tokens that an embedding does not have are told by their example, not by the runtime. */
@NullUnmarked
final class EmbeddingRowsTest {
    private static LinearizedNetwork open(String length) {
        byte[] file = FileModel.of(17)
                .in("ids", ElementType.INT64, "N", length)
                .weights("embedding", 10, 3)
                .weights("w", 3, 2)
                .node("Identity", "same", "ids")
                .node("Gather", "e", "embedding,same")
                .node("ReduceMean", "m", "e", "axes", new long[] {1}, "keepdims", 0)
                .node("MatMul", "y", "m,w")
                .out("y", "N", "2")
                .bytes();
        return RunningNetwork.of(
                ModelReader.read(file, "the file", null), ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }

    private static Examples examples(long last) {
        return Examples.of("ids", Tensor.ofLongs(new long[] {0, 9, 2, 3, 4, 5, 6, 7, last}, 3, 3));
    }

    @Test
    void anUnknownTokenIsTold() {
        for (String length : new String[] {"3", "T"}) {
            try (LinearizedNetwork network = open(length)) {
                network.requireFit(examples(9));
                for (long wrong : new long[] {10, -1, -11}) {
                    String message = String.valueOf(
                            assertThrows(IllegalArgumentException.class, () -> network.requireFit(examples(wrong)))
                                    .getMessage());
                    assertEquals(
                            "example 2 has the number " + wrong + " in input 'ids', but the network's table "
                                    + "'embedding' has 10 rows; expected 0 to 9, so use the vocabulary that the "
                                    + "network was trained with",
                            message);
                    assertThrows(
                            IllegalArgumentException.class, () -> network.requireIndependentExamples(examples(wrong)));
                }
            }
        }
    }
}
