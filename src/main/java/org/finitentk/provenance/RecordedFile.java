package org.finitentk.provenance;

/**
 * A file that a model was made from, as recorded and as it is now.
 *
 * @param component the class that read it, e.g. org.tribuo.data.csv.CSVDataSource
 * @param location path or URL
 * @param algorithm the hash's algorithm, e.g. SHA-256
 * @param expected the recorded hash in hexadecimal
 * @param found the file's hash now, or "no such file"
 */
public record RecordedFile(String component, String location, String algorithm, String expected, String found) {
    static final String MISSING = "no such file";

    /**
     * A file.
     *
     * @param component the class that read it
     * @param location path or URL
     * @param algorithm the hash's algorithm
     * @param expected the recorded hash in hexadecimal
     * @param found the file's hash now, or "no such file"
     */
    public RecordedFile {}

    /**
     * Whether the model can no longer be made from it.
     *
     * @return true if the file is missing or has another hash
     */
    public boolean changed() {
        return !expected.equals(found);
    }

    /** A sentence for a changed file. */
    String complaint() {
        String name = component.substring(component.lastIndexOf('.') + 1);
        return found.equals(MISSING)
                ? "'" + location + "' (" + name + ") is missing; expected a file with " + algorithm + " " + expected
                        + "; if it was moved, say where to"
                : "'" + location + "' (" + name + ") has changed: its " + algorithm + " was " + expected
                        + " and is now " + found;
    }
}
