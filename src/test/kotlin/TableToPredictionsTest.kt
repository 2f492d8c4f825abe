package org.finitentk.examples

import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Files
import java.nio.file.Path
import org.finitentk.examples.kotlin.tables.main
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** The examples with tables run, say the same, and their tables are what the script makes. */
class TableToPredictionsTest {
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

    @Test
    fun bothLanguagesPredictTheSame(@TempDir folder: Path) {
        val java = output { TableToPredictions.main(arrayOf(folder.resolve("java.tribuo").toString())) }
        val kotlin = output { main(arrayOf(folder.resolve("kotlin.tribuo").toString())) }
        assertEquals(java, kotlin)
        assertTrue(java.contains("40 examples"), java)
        assertTrue(Files.size(folder.resolve("kotlin.tribuo")) > 1000)
    }
}
