package org.finitentk.backbone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.finitentk.internal.util.ProjectVersion;
import org.junit.jupiter.api.Test;

final class ProjectVersionTest {
    /** Tests run on classes outside a jar. */
    @Test
    void classesOutsideAJarKnowThePomsVersion() throws IOException {
        Matcher version = Pattern.compile("<artifactId>tribuo-finite-ntk</artifactId>\\s*<version>([^<]+)</version>")
                .matcher(Files.readString(Path.of("pom.xml")));
        assertTrue(version.find());
        assertEquals(version.group(1), ProjectVersion.current());
    }

    @Test
    void versionsAreOrderedByTheirNumbers() {
        assertTrue(ProjectVersion.isBeforeCurrent(null));
        assertTrue(ProjectVersion.isBeforeCurrent("0.1.0"));
        assertTrue(ProjectVersion.isBeforeCurrent("0.1.99-SNAPSHOT"));
        assertFalse(ProjectVersion.isBeforeCurrent(ProjectVersion.current()));
        assertFalse(ProjectVersion.isBeforeCurrent("100.0"));
    }
}
