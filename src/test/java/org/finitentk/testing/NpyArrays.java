package org.finitentk.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;

/** Reads the .npy files of the fixtures: version 1, C order, little-endian floats and int64. */
public final class NpyArrays {
    private static final Pattern HEADER =
            Pattern.compile("'descr': '<(..)'.*'fortran_order': False.*'shape': \\(([0-9, ]*)\\)");

    private NpyArrays() {}

    public static Tensor read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int length = bytes.getShort(8);
        Matcher header = HEADER.matcher(new String(bytes.array(), 10, length, StandardCharsets.US_ASCII));
        if (!header.find()) {
            throw new IOException("unexpected header in " + file);
        }
        ElementType type =
                switch (header.group(1)) {
                    case "f4" -> ElementType.FLOAT;
                    case "f8" -> ElementType.DOUBLE;
                    default -> ElementType.INT64;
                };
        long[] shape = Arrays.stream(header.group(2).split(","))
                .map(String::strip)
                .filter(dim -> !dim.isEmpty())
                .mapToLong(Long::parseLong)
                .toArray();
        return new Tensor(type, shape, bytes.position(10 + length).slice());
    }
}
