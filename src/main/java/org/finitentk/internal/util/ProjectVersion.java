package org.finitentk.internal.util;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The version of this library, which the provenance of every model records: version 0.1.0 recorded none. What is in no
 * jar, as classes in an IDE are, knows it from a file that the build writes.
 */
public final class ProjectVersion {
    /** Under what the instance values of a model's provenance record it. */
    public static final String KEY = "finite-ntk-version";

    private static final String RESOURCE = "version.txt";
    private static final String UNKNOWN = "unknown";
    private static final String CURRENT = find();

    private ProjectVersion() {}

    /**
     * The version that runs.
     *
     * @return numbers with dots between them, such as 0.2.0, perhaps followed by a hyphen and a word; "unknown" for
     *     classes that Maven has not built
     */
    public static String current() {
        return CURRENT;
    }

    /**
     * Whether a version came before the one that runs.
     *
     * @param recorded what a provenance recorded, null for nothing
     * @return true if it is older, or none was recorded
     */
    public static boolean isBeforeCurrent(@Nullable String recorded) {
        return recorded == null || Arrays.compare(numbers(recorded), numbers(CURRENT)) < 0;
    }

    /** What is no number, such as the word after a hyphen, does not count. */
    private static int[] numbers(String version) {
        return Arrays.stream(version.split("-", 2)[0].split("\\.", -1))
                .filter(part -> part.matches("\\d{1,9}"))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private static String find() {
        String packaged = ProjectVersion.class.getPackage().getImplementationVersion();
        if (packaged != null) {
            return packaged;
        }
        try (InputStream in = ProjectVersion.class.getResourceAsStream(RESOURCE)) {
            return in == null ? UNKNOWN : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "the file '" + RESOURCE + "' beside " + ProjectVersion.class.getName() + " cannot be read: "
                            + e.getMessage(),
                    e);
        }
    }
}
