package org.finitentk.internal.backbone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.finitentk.internal.tribuo.OutputNames;
import org.junit.jupiter.api.Test;

/** Which name is which output where nothing is looked at. */
final class OutputMappingTest {
    @Test
    void outputsFollowNumberAwareOrderOrTheList() {
        assertEquals(
                List.of("DIM-2", "DIM-10"),
                OutputMapping.of(List.of("DIM-10", "DIM-2"), List.of()).names());
        OutputMapping listed = OutputMapping.of(List.of("a", "b"), List.of("b", "a"));
        assertEquals(0, OutputNames.indexOf("b", listed.names()));
        assertThrows(IllegalArgumentException.class, () -> OutputMapping.of(List.of("a", "b"), List.of("b", "c")));
        assertThrows(IllegalArgumentException.class, () -> OutputNames.indexOf("c", listed.names()));
    }
}
