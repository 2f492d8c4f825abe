package org.finitentk.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class TensorTest {
    @Test
    void rowsShareTheFirstAxis() {
        Tensor t = Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        assertArrayEquals(new double[] {3, 4}, t.rows(1, 2).toDoubles());
        assertArrayEquals(new long[] {1, 2}, t.rows(1, 2).shape());
    }

    @Test
    void bytesMustFitTheShape() {
        assertThrows(IllegalArgumentException.class, () -> Tensor.ofLongs(new long[] {1, 2}, 3));
    }
}
