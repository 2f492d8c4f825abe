package org.finitentk.experiment;

import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file of data that a configuration names. */
final class DataFile {
    private DataFile() {}

    /** Its SHA-256 in hexadecimal; a file that is not there is refused, which OLCUT would only log. */
    static String sha256(Path file) {
        if (!Files.isRegularFile(file)) {
            throw missing(new NoSuchFileException(file.toString()));
        }
        return ProvenanceUtil.hashResource(ProvenanceUtil.HashType.SHA256, file);
    }

    static UncheckedIOException missing(NoSuchFileException e) {
        return new UncheckedIOException(
                "data file '" + e.getFile() + "' does not exist; expected the file that the configuration names", e);
    }
}
