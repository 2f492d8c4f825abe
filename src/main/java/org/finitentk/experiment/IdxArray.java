package org.finitentk.experiment;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * An array of bytes in MNIST's IDX format (LeCun), plain or compressed by gzip if the name ends in {@code .gz}.
 *
 * @param sizes of its dimensions
 * @param values in C order
 */
record IdxArray(int[] sizes, byte[] values) {
    private static final int BYTES = 0x08;

    static IdxArray read(Path path, int rank) throws IOException {
        try (InputStream file = new BufferedInputStream(Files.newInputStream(path));
                DataInputStream in =
                        new DataInputStream(path.toString().endsWith(".gz") ? new GZIPInputStream(file) : file)) {
            int magic = in.readInt();
            if (magic != (BYTES << 8 | rank)) {
                throw new IOException("'" + path + "' starts with " + Integer.toHexString(magic) + "; expected "
                        + Integer.toHexString(BYTES << 8 | rank) + ", an IDX array of bytes of rank " + rank);
            }
            int[] sizes = new int[rank];
            long count = 1;
            for (int d = 0; d < rank; d++) {
                sizes[d] = in.readInt();
                count = sizes[d] < 0 ? -1 : count * sizes[d];
                if (count <= 0 || count > Integer.MAX_VALUE - 8) {
                    throw new IOException("dimension " + d + " of '" + path + "' is " + sizes[d]
                            + "; expected sizes above 0 whose product is below 2 GiB");
                }
            }
            // Read in what is there before believing the sizes.
            byte[] values = in.readNBytes((int) count);
            if (values.length < count) {
                throw new EOFException("'" + path + "' has " + values.length + " values; its header promises " + count
                        + ", so it is truncated");
            }
            return new IdxArray(sizes, values);
        }
    }

    /** The number that a file of labels has for each of the images, from 0 to 255. */
    static int[] labels(Path path, IdxArray images) throws IOException {
        IdxArray labels = read(path, 1);
        if (images.sizes()[0] != labels.sizes()[0]) {
            throw new IOException("there are " + images.sizes()[0] + " images, but '" + path + "' has "
                    + labels.sizes()[0] + " labels; expected as many of each");
        }
        int[] numbers = new int[labels.values().length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = labels.values()[i] & 0xff;
        }
        return numbers;
    }
}
