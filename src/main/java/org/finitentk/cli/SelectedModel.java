package org.finitentk.cli;

import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.finitentk.onnx.ParameterSelection;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * A model and which of its initializers are tangent parameters: what every command that takes a model has in common.
 */
final class SelectedModel {
    @Parameters(paramLabel = "MODEL|BUNDLE", description = "an ONNX file, or a linearization bundle (folder or zip)")
    private Path path;

    @Option(
            names = "--include",
            paramLabel = "RE",
            description = "tangent parameters: the float initializers in whose name RE is found (default: the learned"
                    + " weights; inspect tells why)")
    private @Nullable String include;

    @Option(names = "--exclude", paramLabel = "RE", description = "leave out parameters in whose name RE is found")
    private @Nullable String exclude;

    SelectedModel() {}

    Path path() {
        return path;
    }

    ParameterSelection selection() {
        return new ParameterSelection(pattern("--include", include), pattern("--exclude", exclude));
    }

    private static @Nullable Pattern pattern(String option, @Nullable String text) {
        try {
            return text == null ? null : Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    option + " '" + text + "' is no regular expression: " + e.getDescription(), e);
        }
    }
}
