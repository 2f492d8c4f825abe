package org.finitentk.examples

import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Path
import org.finitentk.examples.kotlin.classify
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** The classification examples run and learn the three rings. */
class ClassifyNewLabelsTest {
    private fun accuracies(run: () -> Unit): List<Double> {
        val standard = System.out
        val bytes = ByteArrayOutputStream()
        System.setOut(PrintStream(bytes, true, "UTF-8"))
        try {
            run()
        } finally {
            System.setOut(standard)
        }
        return Regex("""examples: accuracy ([0-9.]+)""").findAll(bytes.toString("UTF-8")).map { it.groupValues[1].toDouble() }.toList()
    }

    @Test
    fun kotlin(@TempDir folder: Path) {
        val found = accuracies { classify(folder) }
        assertTrue(found.single() > 0.8, "$found")
    }

    @Test
    fun java(@TempDir folder: Path) {
        val found = accuracies { ClassifyNewLabels.main(arrayOf(folder.toString())) }
        assertEquals(2, found.size)
        assertTrue(found.all { it > 0.8 }, "$found")
    }
}
