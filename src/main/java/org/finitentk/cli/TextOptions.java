package org.finitentk.cli;

import java.nio.file.Path;
import org.finitentk.internal.tabular.TextChoice;
import org.finitentk.onnx.Pooling;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is said of a table's texts. */
final class TextOptions {
    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            description = "for a network that takes the ids of tokens: the tokenizer.json of word pieces that was"
                    + " published with it, or its vocab.txt; then --features names a column of texts, or two for"
                    + " pairs")
    private @Nullable Path tokenizer;

    @Option(
            names = "--length",
            paramLabel = "N",
            description = "tokens of a row, [CLS] and [SEP] among them: shorter texts are padded at their ends, longer"
                    + " ones cut (default: the network's; if it is open, what the table's longest text has, rounded up"
                    + " to a multiple of 16, at most 128)")
    private @Nullable Integer length;

    TextOptions() {}

    @Nullable
    Path tokenizer() {
        return tokenizer;
    }

    /**
     * What was said of texts, and of the network's output at their tokens.
     *
     * @return null if nothing was
     */
    @Nullable
    TextChoice choice(Pooling pooling) {
        return tokenizer == null ? null : new TextChoice(tokenizer, length == null ? 0 : length, pooling);
    }

    /** What is wrong with the options together; null if nothing is. */
    @Nullable
    String complaint(TrainedNetworkOptions network) {
        if (tokenizer == null) {
            return length == null ? null : "--length is of texts, which --tokenizer is for; expected both, or neither";
        }
        if (length != null && length < 3) {
            return "--length is " + length + "; expected at least 3, since [CLS] and [SEP] count";
        }
        return network.inputShape() == null
                ? null
                : "--input-shape is of one input, and a network that takes tokens may have several; expected --length";
    }
}
