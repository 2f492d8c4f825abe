package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NpyFileTest {
    /** What NumPy 2.4.6 writes for {@code np.array([[1, 2.5, -3]], 'f4')}. */
    private static final byte[] BY_NUMPY = Base64.getDecoder()
            .decode(
                    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC"
                            + "AgICAgICAgICAgICAgIAoAAIA/AAAgQAAAQMA=");

    @TempDir
    Path folder = Path.of("");

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("a.npy"), bytes);
    }

    /** A file with a header of its own and some bytes of data. */
    private Path file(int version, String header, int data) throws IOException {
        byte[] text = (header + "\n").getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer bytes = ByteBuffer.allocate(10 + text.length + data).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) version)
                .put((byte) 0)
                .putShort((short) text.length)
                .put(text);
        return file(bytes.array());
    }

    private static String header(String descr, String order, String shape) {
        return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
    }

    @Test
    void filesOfNumpyAreReadAndWrittenTheSame() throws IOException {
        Tensor array = NpyFile.read(file(BY_NUMPY));
        assertEquals(ElementType.FLOAT, array.type());
        assertArrayEquals(new long[] {1, 3}, array.shape());
        assertArrayEquals(new double[] {1, 2.5, -3}, array.toDoubles());
        NpyFile.write(folder.resolve("b.npy"), array);
        assertArrayEquals(BY_NUMPY, Files.readAllBytes(folder.resolve("b.npy")));
    }

    @Test
    void allThreeTypesAndShapesSurvive() {
        for (Tensor array : List.of(
                Tensor.ofDoubles(new double[] {1, -2, 1e300, 4}, 2, 2),
                Tensor.ofLongs(new long[] {1, Long.MIN_VALUE}, 2),
                Tensor.ofFloats(new float[] {7}, 1, 1, 1),
                Tensor.ofFloats(new float[0], 0, 3))) {
            NpyFile.write(folder.resolve("c.npy"), array);
            Tensor read = NpyFile.read(folder.resolve("c.npy"));
            assertEquals(array.type(), read.type());
            assertArrayEquals(array.shape(), read.shape());
            assertEquals(array.data(), read.data());
        }
    }

    /** Token ids, masks and images have other types than results; float16 is exact in float32. */
    @Test
    void otherTypesAreRead() throws IOException {
        record Written(String descr, ElementType type, byte[] bytes, double value) {}
        for (Written w : List.of(
                new Written("|b1", ElementType.BOOL, new byte[] {1}, 1),
                new Written("|i1", ElementType.INT8, new byte[] {-3}, -3),
                new Written("|u1", ElementType.UINT8, new byte[] {-3}, 253),
                new Written("<i2", ElementType.INT16, new byte[] {-3, -1}, -3),
                new Written("<u2", ElementType.UINT16, new byte[] {-3, -1}, 65533),
                new Written("<i4", ElementType.INT32, new byte[] {-3, -1, -1, -1}, -3),
                new Written("<u4", ElementType.UINT32, new byte[] {-3, -1, -1, -1}, 4294967293.0),
                new Written("<f2", ElementType.FLOAT, new byte[] {0, (byte) 0xC2}, -3))) {
            Path file = file(1, header(w.descr(), "False", "(1,)"), w.bytes().length);
            byte[] all = Files.readAllBytes(file);
            System.arraycopy(w.bytes(), 0, all, all.length - w.bytes().length, w.bytes().length);
            Tensor read = NpyFile.read(file(all));
            assertEquals(w.type(), read.type());
            assertArrayEquals(new double[] {w.value()}, read.toDoubles());
        }
    }

    /** What numpy.save makes of table[:, columns], and of most of pandas' tables: the first index moves fastest. */
    @Test
    void arraysInFortransOrderAreRead() throws IOException {
        for (long[] shape : new long[][] {{2, 3}, {3, 2, 4}, {5}, {}, {0, 3}, {1, 4, 1}}) {
            int count = (int) Tensor.count(shape);
            String dims = Arrays.stream(shape).mapToObj(size -> size + ",").collect(Collectors.joining(" "));
            byte[] file = Files.readAllBytes(file(1, header("<f8", "True", "(" + dims + ")"), 8 * count));
            ByteBuffer data = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
            double[] expected = new double[count];
            for (int i = 0; i < count; i++) {
                // i counts in Fortran's order
                int rest = i;
                int at = 0;
                for (int d = 0; d < shape.length; d++) {
                    int step = (int) Arrays.stream(shape, d + 1, shape.length).reduce(1, (a, b) -> a * b);
                    at += rest % (int) shape[d] * step;
                    rest /= (int) shape[d];
                }
                expected[at] = i + 0.5;
                data.putDouble(file.length - 8 * (count - i), i + 0.5);
            }
            Tensor read = NpyFile.read(file(file));
            assertArrayEquals(shape, read.shape());
            assertArrayEquals(expected, read.toDoubles());
        }
    }

    /** Versions 2 and 3 have four bytes for the header's length, and 3 has names in UTF-8. */
    @Test
    void longHeadersAreRead() throws IOException {
        for (int version : new int[] {2, 3}) {
            byte[] text = (header("<i8", "True", "(2, 2)") + (version == 3 ? " # ü" : "") + "\n")
                    .getBytes(StandardCharsets.UTF_8);
            ByteBuffer bytes = ByteBuffer.allocate(12 + text.length + 32).order(ByteOrder.LITTLE_ENDIAN);
            bytes.put((byte) 0x93)
                    .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                    .put((byte) version)
                    .put((byte) 0)
                    .putInt(text.length)
                    .put(text);
            for (long value : new long[] {1, 2, 3, 4}) {
                bytes.putLong(value);
            }
            assertArrayEquals(
                    new long[] {1, 3, 2, 4}, NpyFile.read(file(bytes.array())).toLongs());
        }
    }

    @Test
    void otherFilesAreRefusedByName() throws IOException {
        refused("does not exist", folder.resolve("missing.npy"));
        refused("", folder);
        refused("no .npy file", file(new byte[0]));
        refused("no .npy file", file("PK hello, I am something else".getBytes(StandardCharsets.US_ASCII)));
        refused("version 4", file(4, header("<f4", "False", "(1,)"), 4));
        for (String type : List.of(">f4", ">i4", "<u8", "|O", "<c8", "<U3")) {
            refused(type, file(1, header(type, "False", "(1,)"), 8));
        }
        refused("bytes of data", file(1, header("<f8", "False", "(3,)"), 16));
        refused("bytes of data", file(1, header("<f8", "False", "(1,)"), 16));
        refused("", file(1, header("<f8", "False", "(4000000000, 4000000000)"), 16));
        refused("", file(1, header("<f8", "False", "(99999999999999999999999, 1)"), 16));
        refused("", file(1, "{'descr': '<f4'}", 4));
        refused("", file(1, "nonsense", 4));
        byte[] truncated = java.util.Arrays.copyOf(BY_NUMPY, 40);
        refused("", file(truncated));
    }

    private static void refused(String expected, Path file) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> NpyFile.read(file));
        assertTrue(
                String.valueOf(e.getMessage()).contains(file.toString())
                        && String.valueOf(e.getMessage()).contains(expected),
                e.getMessage());
        assertEquals(1, String.valueOf(e.getMessage()).lines().count());
    }
}
