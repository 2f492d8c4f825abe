package org.finitentk.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.InputValues;
import org.finitentk.onnx.NetworkView;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Pooling;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * A model, what of it is wanted, and which of its initializers are tangent parameters: what every command that takes a
 * model has in common.
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

    @Option(
            names = "--input-shape",
            paramLabel = "NAME=1x24",
            description = "sizes of an input whose axes the file leaves open, the examples' first (1 or N: as many as "
                    + "fit); repeatable (default: the sizes that the examples have)")
    private List<String> inputShapes = List.of();

    @Option(
            names = "--input-value",
            paramLabel = "NAME=V",
            description = "makes a constant of an input that is the same for all examples, such as sr=16000: a number "
                    + "for all its elements, or one for each; repeatable")
    private List<String> inputValues = List.of();

    @Option(
            names = "--output",
            paramLabel = "NAME",
            description = "the output that is differentiated, or a layer: a node's output (default: the first output "
                    + "of floats)")
    private String output = "";

    @Option(
            names = "--pooling",
            paramLabel = "none|mean|masked-mean|first|last",
            description = "makes one row an example of an output (n, T, d): the mean over its T positions, the mean "
                    + "weighted by an attention mask, the first or the last position (default: ${DEFAULT-VALUE})")
    private Pooling pooling = Pooling.NONE;

    @Option(
            names = "--pooling-mask",
            paramLabel = "NAME",
            description = "the input (n, T) that weights positions (default: the only one with 'mask' in its name)")
    private String mask = "";

    SelectedModel() {}

    NetworkView view() {
        if (!mask.isEmpty() && pooling != Pooling.MASKED_MEAN) {
            throw new IllegalArgumentException("--pooling-mask is given with --pooling "
                    + pooling.name().toLowerCase(Locale.ROOT) + "; it belongs to masked-mean");
        }
        return new NetworkView(InputSizes.parse(inputShapes), InputValues.parse(inputValues), output, pooling, mask);
    }

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
