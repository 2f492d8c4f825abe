package org.finitentk.internal.table;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The text of a table: UTF-8, with or without a byte order mark, or UTF-16 with one; plain or compressed by gzip, which
 * its bytes tell.
 */
final class TableText {
    private static final int BUFFER = 1 << 16;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    /** What files begin with that are no text, in Latin-1, and what they are. */
    private static final Map<String, String> OTHERS = Map.of(
            "PK",
            "a zip archive or a spreadsheet",
            "\u00d0\u00cf\u0011\u00e0",
            "a spreadsheet of an old Excel",
            "PAR1",
            "a Parquet file",
            "ARROW1",
            "an Arrow file",
            "SQLite format 3",
            "a database of SQLite");

    private TableText() {}

    /**
     * Opens a file.
     *
     * @throws IllegalArgumentException if there is no such file, or it is of another kind
     */
    static BufferedReader open(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IllegalArgumentException("data file '" + file + "' does not exist");
        }
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException("'" + file + "' is a folder; expected a file with a table");
        }
        InputStream bytes = Files.newInputStream(file);
        try {
            return of(bytes, "data file '" + file + "'");
        } catch (IOException | RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    /** Reads no further than it must to know what the text is. */
    static BufferedReader of(InputStream bytes, String name) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(bytes, BUFFER);
        for (Map.Entry<String, String> other : OTHERS.entrySet()) {
            if (begins(buffered, other.getKey())) {
                throw new IllegalArgumentException(
                        name + " is " + other.getValue() + "; save the table as text with separators (CSV)");
            }
        }
        boolean compressed = begins(buffered, "\u001f\u008b");
        boolean wide = begins(buffered, "\u00ff\u00fe") || begins(buffered, "\u00fe\u00ff");
        BufferedReader text = new BufferedReader(
                new NamedReader(name, compressed, wide ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8, buffered),
                BUFFER);
        text.mark(1);
        if (text.read() != BYTE_ORDER_MARK) {
            text.reset();
        }
        return text;
    }

    /** Reads as far as the bytes are the same: a pipe may have no more. */
    private static boolean begins(BufferedInputStream bytes, String start) throws IOException {
        bytes.mark(start.length());
        int same = 0;
        while (same < start.length() && bytes.read() == start.charAt(same)) {
            same++;
        }
        bytes.reset();
        return same == start.length();
    }

    /** Text that says what is wrong with it, wherever it is read. */
    private static final class NamedReader extends Reader {
        private final String name;
        private final InputStream bytes;
        private final boolean compressed;
        private final Charset charset;
        private @Nullable Reader text;

        NamedReader(String name, boolean compressed, Charset charset, InputStream bytes) {
            this.charset = charset;
            this.name = name;
            this.compressed = compressed;
            this.bytes = bytes;
        }

        private Reader text() throws IOException {
            Reader known = text;
            if (known == null) {
                known = new InputStreamReader(
                        compressed ? new GZIPInputStream(bytes, BUFFER) : bytes,
                        charset.newDecoder()
                                .onMalformedInput(CodingErrorAction.REPORT)
                                .onUnmappableCharacter(CodingErrorAction.REPORT));
                text = known;
            }
            return known;
        }

        @Override
        public int read(char[] to, int offset, int length) throws IOException {
            try {
                return text().read(to, offset, length);
            } catch (CharacterCodingException e) {
                throw new IllegalArgumentException(
                        name + " is no text in " + charset + "; save it in UTF-8 (in Excel: 'CSV UTF-8')", e);
            } catch (ZipException e) {
                throw new IllegalArgumentException(
                        name + " starts as a gzip file and is none, or is damaged (" + e.getMessage() + ")", e);
            } catch (EOFException e) {
                throw new IllegalArgumentException(name + " is a gzip file that ends too early; it is damaged", e);
            }
        }

        @Override
        public boolean ready() throws IOException {
            return text().ready();
        }

        @Override
        public void close() throws IOException {
            bytes.close();
        }
    }
}
