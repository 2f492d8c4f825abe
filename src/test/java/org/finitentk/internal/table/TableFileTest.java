package org.finitentk.internal.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables as programs and people write them. */
@NullUnmarked
final class TableFileTest {
    private static final List<List<String>> EXPECTED =
            List.of(List.of("id", "a b", "y"), List.of("p,1", "1.5", "2"), List.of("p \"2\"", "-3e2", "4"));

    @TempDir
    private Path folder = Path.of("");

    private List<List<String>> read(byte[] bytes, TableFormat format) throws IOException {
        Path file = Files.write(folder.resolve("table"), bytes);
        List<List<String>> read = new ArrayList<>();
        try (TableRows rows = new TableFile(file, format).open()) {
            read.add(rows.columns() == null ? List.of() : rows.columns());
            for (@Nullable TableRow row = rows.next(); row != null; row = rows.next()) {
                read.add(row.complaint() == null ? row.cells() : List.of(row.line() + ": " + row.complaint()));
            }
        }
        return read;
    }

    private List<List<String>> read(String text) throws IOException {
        return read(text.getBytes(StandardCharsets.UTF_8), TableFormat.DEFAULT);
    }

    private String refusal(byte[] bytes) {
        return String.valueOf(assertThrows(IllegalArgumentException.class, () -> read(bytes, TableFormat.DEFAULT))
                .getMessage());
    }

    private String refusal(String text) {
        return refusal(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id,a b,y\n\"p,1\",1.5,2\n\"p \"\"2\"\"\",-3e2,4\n",
                "id,a b,y\r\n\"p,1\",1.5,2\r\n\"p \"\"2\"\"\",-3e2,4\r\n\r\n\r\n",
                "\uFEFFid;a b;y\np,1;1.5;2\n\"p \"\"2\"\"\";-3e2;4",
                "id\ta b\ty\rp,1\t1.5\t2\r\rp \"2\"\t-3e2\t4\r",
                " id | a b |y\n p,1 | 1.5|2 \n\n\"p \"\"2\"\"\" |-3e2| 4\n\n"
            })
    void formsOfOneTable(String text) throws IOException {
        assertEquals(EXPECTED, read(text));
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(EXPECTED, read(compressed.toByteArray(), TableFormat.DEFAULT));
        assertEquals(EXPECTED, read(text.replace("\uFEFF", "").getBytes(StandardCharsets.UTF_16), TableFormat.DEFAULT));
        String little = "\uFEFF" + text.replace("\uFEFF", "");
        assertEquals(EXPECTED, read(little.getBytes(StandardCharsets.UTF_16LE), TableFormat.DEFAULT));
    }

    @Test
    void aFirstLineMayTellTheSeparator() throws IOException {
        assertEquals(
                List.of(List.of("a", "b"), List.of("1,2", "3,4"), List.of("4: it has 3 cells; expected 2")),
                read("sep=;\r\na;b\r\n1,2;3,4\r\n5;6;7\r\n"));
        assertEquals(List.of(List.of("a", "b"), List.of("1", "2")), read("sep=^\na^b\n1^2\n"));
        assertEquals(List.of(List.of("sep=;x", "b"), List.of("1", "2")), read("sep=;x,b\n1,2\n"));
        assertEquals(List.of(List.of("sep")), read("sep"));
    }

    @Test
    void cellsWithEndsOfLinesCountThem() throws IOException {
        assertEquals(
                List.of(List.of("a", "b"), List.of("1\n2", "3"), List.of("4: it has 3 cells; expected 2")),
                read("a,b\n\"1\n2\",3\n4,5,6\n"));
    }

    @Test
    void aTableWithoutHeader() throws IOException {
        TableFormat format = new TableFormat("auto", "\"", ".", List.of("a", "b"));
        assertEquals(
                List.of(List.of("a", "b"), List.of("1", "2")), read("1,2\n".getBytes(StandardCharsets.UTF_8), format));
        assertTrue(refusal("1.5,2\n3,4\n").contains("only numbers in its first line (1.5, 2)"));
        // What pandas writes for columns without names.
        assertEquals(List.of(List.of("0", "1"), List.of("5", "6")), read("0,1\n5,6\n"));
    }

    @Test
    void textInOneColumnWithCommasHasTheSeparatorThatIsAsked() throws IOException {
        TableFormat format = new TableFormat(";", "'", ".", List.of());
        assertEquals(
                List.of(List.of("a,b"), List.of("1,2;3")),
                read("a,b\n'1,2;3'\n".getBytes(StandardCharsets.UTF_8), format));
    }

    @Test
    void whatIsNoTableIsToldInASentence() {
        assertTrue(refusal("").contains("is empty"));
        assertTrue(refusal("a,b\n\"1,2\n3,4\n").contains("line 2: the quote that a cell begins with is never closed"));
        assertTrue(refusal("a,b\n1,\"2\"x\n").contains("line 2: 'x' follows the closing quote"));
        assertTrue(refusal("a,b\n1,\0\n").contains("line 2: there is a zero byte"));
        assertTrue(refusal("a,b\nM\u00fcller,2\n".getBytes(StandardCharsets.ISO_8859_1))
                .contains("no text in UTF-8"));
        assertTrue(refusal(new byte[] {'P', 'K', 3, 4}).contains("spreadsheet"));
        assertTrue(refusal("\u00d0\u00cf\u0011\u00e0\u00a1".getBytes(StandardCharsets.ISO_8859_1))
                .contains("old Excel"));
        assertTrue(refusal("PAR1\0").contains("Parquet"));
        assertTrue(refusal("{\"a\":1}\n{\"a\":2}\n").contains("is JSON"));
        assertTrue(refusal("[{\"a\":1}]").contains("is JSON"));
        assertTrue(refusal(new byte[] {0x1F, (byte) 0x8B, 8, 0, 1}).contains("gzip"));
    }

    @Test
    void namesInOneLine() {
        List<String> names = List.of("a b", "c,d", "e\"f", "it's");
        String line = Columns.line(names);
        assertEquals("'a b,\"c,d\",\"e\"\"f\",it'\\''s'", line);
        assertEquals(names, Columns.parse(line.substring(1, line.length() - 1).replace("'\\''", "'")));
        assertThrows(IllegalArgumentException.class, () -> Columns.parse("a,,b"));
        assertThrows(IllegalArgumentException.class, () -> Columns.parse("a,b,a"));
    }
}
