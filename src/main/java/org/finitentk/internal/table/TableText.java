package org.finitentk.internal.table;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** The text of a table: UTF-8, with or without a byte order mark, plain or compressed by gzip, which its bytes tell. */
final class TableText {
    private static final int BUFFER = 1 << 16;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

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
        buffered.mark(2);
        int first = buffered.read();
        int second = first < 0 ? -1 : buffered.read();
        buffered.reset();
        if (first == 'P' && second == 'K') {
            throw new IllegalArgumentException(
                    name + " is a zip archive or a spreadsheet; save the table as text with separators (CSV)");
        }
        boolean compressed = first == 0x1F && second == 0x8B;
        BufferedReader text = new BufferedReader(new NamedReader(name, compressed, buffered), BUFFER);
        text.mark(1);
        if (text.read() != BYTE_ORDER_MARK) {
            text.reset();
        }
        return text;
    }

    /** Text that says what is wrong with it, wherever it is read. */
    private static final class NamedReader extends Reader {
        private final String name;
        private final InputStream bytes;
        private final boolean compressed;
        private @Nullable Reader text;

        NamedReader(String name, boolean compressed, InputStream bytes) {
            this.name = name;
            this.compressed = compressed;
            this.bytes = bytes;
        }

        private Reader text() throws IOException {
            Reader known = text;
            if (known == null) {
                known = new InputStreamReader(
                        compressed ? new GZIPInputStream(bytes, BUFFER) : bytes,
                        StandardCharsets.UTF_8
                                .newDecoder()
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
                throw new IllegalArgumentException(name + " is no text in UTF-8; save it in that encoding", e);
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
