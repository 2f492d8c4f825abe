package org.finitentk.examples

import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Path
import org.finitentk.examples.kotlin.main
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** The examples run and say what they promise. */
class AdaptBackboneTest {
    private fun output(run: () -> Unit): String {
        val standard = System.out
        val bytes = ByteArrayOutputStream()
        System.setOut(PrintStream(bytes, true, "UTF-8"))
        try {
            run()
        } finally {
            System.setOut(standard)
        }
        return bytes.toString("UTF-8")
    }

    private fun assertFits(output: String) {
        val r2 = Regex("""R\^2 = \{y=([0-9.]+)""").find(output)
        assertTrue(r2 != null && r2.groupValues[1].toDouble() > 0.8, output)
        assertTrue(output.contains("first prediction"), output)
        assertTrue(output.contains("backbone-sha256"), output)
    }

    @Test
    fun kotlin(@TempDir folder: Path) = assertFits(output { main(arrayOf(folder.toString())) })

    @Test
    fun java(@TempDir folder: Path) {
        val output = output { AdaptBackbone.main(arrayOf(folder.toString())) }
        assertFits(output)
        assertTrue(output.contains("the stored model predicts the same: true"), output)
    }
}
