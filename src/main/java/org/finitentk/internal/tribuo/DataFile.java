package org.finitentk.internal.tribuo;

import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file of data that a configuration names. */
public final class DataFile {
    private DataFile() {}

    /**
     * Its SHA-256; a file that is not there is refused, which OLCUT would only log.
     *
     * @param file the file; of one that is compressed by gzip, what is inside counts
     * @return hexadecimal digits
     * @throws UncheckedIOException if there is no such file
     */
    public static String sha256(Path file) {
        if (!Files.isRegularFile(file)) {
            throw missing(new NoSuchFileException(file.toString()));
        }
        return ProvenanceUtil.hashResource(ProvenanceUtil.HashType.SHA256, file);
    }

    /**
     * Says that a file is missing.
     *
     * @param e which file
     * @return an exception for the caller to throw
     */
    public static UncheckedIOException missing(NoSuchFileException e) {
        return new UncheckedIOException(
                "data file '" + e.getFile() + "' does not exist; expected the file that the configuration names", e);
    }
}
