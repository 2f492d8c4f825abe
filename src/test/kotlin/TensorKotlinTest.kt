package org.finitentk.kotlin

import org.finitentk.onnx.Tensor
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class TensorKotlinTest {
    @Test
    fun shapeIsHonest() {
        assertEquals(listOf(2L), Tensor.vector(1, 2).shape().toList())
    }
}
