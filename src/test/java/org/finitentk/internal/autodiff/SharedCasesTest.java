package org.finitentk.internal.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.testing.SharedFiles;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Small forms of published files, with the parameters that are in them. */
@NullUnmarked
final class SharedCasesTest {
    private static final Map<String, List<String>> PARAMETERS = Map.of(
            "if_constant", List.of("w", "w2"),
            "local_function", List.of("w", "b", "w2"),
            "unused_function", List.of("w", "b", "w2"),
            "unused_string_initializer", List.of("w", "w2"),
            "split_to_sequence", List.of("w", "w2"),
            "sklearn_zipmap", List.of("coefficient", "intercepts", "coefficient1", "intercepts1"),
            "sklearn_scaler_mlp", List.of("coefficient", "intercepts", "coefficient1", "intercepts1"),
            "scaler_named", List.of("w1", "w2"),
            "opset23_rms23", List.of("w", "s", "w2"),
            "opset23_swish", List.of("w", "w2"));

    @TestFactory
    Stream<DynamicTest> cases() {
        return PARAMETERS.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(),
                        () -> assertEquals(
                                entry.getValue(), FileChecker.check(Files.readAllBytes(file(entry.getKey()))))));
    }

    @TestFactory
    Stream<DynamicTest> casesOfAFixedBatch() {
        return Stream.of(DynamicTest.dynamicTest(
                "opset23_rope",
                () -> assertEquals(
                        List.of("w", "w2"),
                        FileChecker.check(Files.readAllBytes(file("opset23_rope")), ParameterSelection.DEFAULT, 3))));
    }

    private static Path file(String name) {
        Path file = SharedFiles.of("cases", name + ".onnx");
        Assumptions.assumeTrue(Files.isRegularFile(file), "no shared cases here");
        return file;
    }
}
