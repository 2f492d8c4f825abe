package org.finitentk.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.finitentk.internal.util.AtomicFile;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/**
 * NumPy's array files: version 1.0 (2.0 and 3.0 are read too), little endian, C order (Fortran's is read too), float32,
 * float64 and int64; float16, which becomes float32, other integers and truths are read too.
 */
final class NpyFile {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int MAX_HEADER = 1 << 16;
    private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\sL]*)\\)");

    private NpyFile() {}

    /** Reads an array; refuses whatever is not exactly such a file, before taking memory for it. */
    static Tensor read(Path file) {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer prefix = bytes(channel, 0, (int) Math.min(12, channel.size()), file);
            if (prefix.remaining() < 12 || !prefix.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
                throw refuse(file, "is no .npy file: it does not start with NumPy's magic bytes");
            }
            int version = prefix.get(6);
            if (version < 1 || version > 3) {
                throw refuse(file, "has .npy version " + version + "; expected 1.0, 2.0 or 3.0");
            }
            int headerStart = version == 1 ? 10 : 12;
            long headerLength =
                    version == 1 ? Short.toUnsignedInt(prefix.getShort(8)) : Integer.toUnsignedLong(prefix.getInt(8));
            if (headerLength > MAX_HEADER || headerStart + headerLength > channel.size()) {
                throw refuse(file, "is truncated in its header");
            }
            String header = StandardCharsets.UTF_8
                    .decode(bytes(channel, headerStart, (int) headerLength, file))
                    .toString();
            return body(file, channel, header, headerStart + headerLength);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("array file '" + file + "' does not exist", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("array file '" + file + "' cannot be read: " + e.getMessage(), e);
        }
    }

    private static Tensor body(Path file, FileChannel channel, String header, long start) throws IOException {
        ElementType type = type(file, field(file, header, DESCR, "descr"));
        boolean columnsFirst = field(file, header, ORDER, "fortran_order").equals("True");
        long[] shape;
        long bytes;
        try {
            shape = Arrays.stream(
                            field(file, header, SHAPE, "shape").replace("L", "").split(","))
                    .map(String::strip)
                    .filter(s -> !s.isEmpty())
                    .mapToLong(Long::parseLong)
                    .toArray();
            bytes = Math.multiplyExact(Tensor.count(shape), type.bytes());
        } catch (NumberFormatException | ArithmeticException e) {
            throw refuse(file, "has a shape that is no array of this world: " + header.strip());
        }
        if (channel.size() - start != bytes) {
            throw refuse(
                    file,
                    "has " + (channel.size() - start) + " bytes of data; its shape " + Arrays.toString(shape)
                            + " needs " + bytes);
        }
        if (bytes > Integer.MAX_VALUE) {
            throw refuse(file, "has " + bytes + " bytes of data; at most 2 GiB can be read");
        }
        ByteBuffer data = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
        fill(channel, start, data, file);
        Tensor array = new Tensor(type, shape, columnsFirst ? rowsFirst(data, shape, type.bytes()) : data);
        return type == ElementType.FLOAT16 ? Tensor.ofReals(ElementType.FLOAT, array.toDoubles(), shape) : array;
    }

    private static ElementType type(Path file, String descr) {
        return switch (descr) {
            case "<f2" -> ElementType.FLOAT16;
            case "<f4" -> ElementType.FLOAT;
            case "<f8" -> ElementType.DOUBLE;
            case "|b1" -> ElementType.BOOL;
            case "|i1" -> ElementType.INT8;
            case "|u1" -> ElementType.UINT8;
            case "<i2" -> ElementType.INT16;
            case "<u2" -> ElementType.UINT16;
            case "<i4" -> ElementType.INT32;
            case "<u4" -> ElementType.UINT32;
            case "<i8" -> ElementType.INT64;
            default ->
                throw refuse(
                        file,
                        "has element type " + descr
                                + "; expected little-endian floats, integers or truths (<f2, <f4, <f8, <i8, <i4, |b1, …)");
        };
    }

    /**
     * From Fortran's order, in which the first index moves fastest, as NumPy writes columns that were chosen, to C's.
     */
    private static ByteBuffer rowsFirst(ByteBuffer data, long[] shape, int width) {
        ByteBuffer rows = ByteBuffer.allocateDirect(data.limit()).order(ByteOrder.LITTLE_ENDIAN);
        int[] index = new int[shape.length];
        for (int to = 0; to < data.limit(); to += width) {
            int from = 0;
            for (int d = shape.length - 1; d >= 0; d--) {
                from = from * (int) shape[d] + index[d];
            }
            rows.put(to, data, from * width, width);
            for (int d = shape.length - 1; d >= 0 && ++index[d] == shape[d]; d--) {
                index[d] = 0;
            }
        }
        return rows;
    }

    private static IllegalArgumentException refuse(Path file, String what) {
        return new IllegalArgumentException("array file '" + file + "' " + what);
    }

    private static String field(Path file, String header, Pattern pattern, String name) {
        Matcher m = pattern.matcher(header);
        if (!m.find()) {
            throw refuse(file, "has a header without a usable '" + name + "'");
        }
        return m.group(1);
    }

    private static ByteBuffer bytes(FileChannel channel, long from, int length, Path file) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        fill(channel, from, buffer, file);
        return buffer;
    }

    private static void fill(FileChannel channel, long from, ByteBuffer buffer, Path file) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, from + buffer.position()) < 0) {
                throw refuse(file, "ended while it was read");
            }
        }
        buffer.flip();
    }

    /** Writes an array to a temporary name in the same folder and moves it. */
    static void write(Path file, Tensor array) {
        try {
            AtomicFile.write(file, temporary -> {
                try (FileChannel channel =
                        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                    writeAll(channel, header(array));
                    writeAll(channel, array.data());
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("array file '" + file + "' cannot be written: " + e.getMessage(), e);
        }
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static ByteBuffer header(Tensor array) {
        String descr =
                switch (array.type()) {
                    case FLOAT -> "<f4";
                    case DOUBLE -> "<f8";
                    case INT64 -> "<i8";
                    default ->
                        throw new IllegalArgumentException("arrays of " + array.type()
                                + " are not written as .npy; expected FLOAT, DOUBLE or INT64");
                };
        String dims = Arrays.stream(array.shape()).mapToObj(Long::toString).collect(Collectors.joining(", "));
        String text = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + dims
                + (array.shape().length == 1 ? "," : "") + "), }";
        int padded = (10 + text.length() + 1 + 63) / 64 * 64 - 10;
        ByteBuffer header = ByteBuffer.allocate(10 + padded).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) padded)
                .put(text.getBytes(StandardCharsets.US_ASCII));
        while (header.position() < header.limit() - 1) {
            header.put((byte) ' ');
        }
        return header.put((byte) '\n').flip();
    }
}
