package org.finitentk.internal.tabular;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.bundle.NetworkFile;
import org.finitentk.internal.onnx.RowNumbers;
import org.finitentk.internal.table.Columns;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * A network's file as one that takes ids of tokens, before it is opened: what of it matters for texts.
 *
 * @param path the file
 * @param graph null if it cannot be read so, which is told when it is opened
 */
record TokenNetwork(Path path, @Nullable Graph graph) {
    static TokenNetwork read(Path path) {
        try {
            return new TokenNetwork(
                    path,
                    NetworkFile.isBundle(path) ? LinearizationBundle.read(path).forward() : NetworkFile.read(path));
        } catch (InvalidModelException e) {
            return new TokenNetwork(path, null);
        }
    }

    private List<ValueInfo> inputs() {
        return graph == null ? List.of() : graph.inputs();
    }

    /** Whether the names and shapes of its inputs are those of ids of tokens and what goes with them. */
    private boolean takesTokens() {
        return inputs().stream()
                .filter(TokenNetwork::isWhole)
                .map(input -> input.name().toLowerCase(Locale.ROOT))
                .anyMatch(name -> name.contains("input_ids") || name.contains("token") || name.contains("mask"));
    }

    /**
     * Refuses a network that takes nothing like ids of tokens.
     *
     * @throws IllegalArgumentException with its inputs
     */
    void requireTokens() {
        if (graph != null && inputs().stream().noneMatch(TokenNetwork::isWhole)) {
            throw new IllegalArgumentException("the network takes "
                    + inputs().stream()
                            .map(input -> "'" + input.name() + "', which is " + input.type() + input.dims())
                            .collect(Collectors.joining(", "))
                    + "; with --tokenizer expected one that takes ids of tokens, whole numbers [n, length]");
        }
    }

    /** Whether it has an input that says which tokens are padding. */
    boolean hasMask() {
        return inputs().stream()
                .anyMatch(input -> input.name().toLowerCase(Locale.ROOT).contains("mask"));
    }

    private static boolean isWhole(ValueInfo input) {
        return input.dims().size() == 2 && !input.type().isDifferentiable();
    }

    /** The length that it is made for; empty if that is open. */
    OptionalLong length() {
        return inputs().stream()
                .filter(input -> input.dims().size() == 2 && input.isFixed(1))
                .mapToLong(input -> input.dim(1))
                .min();
    }

    /** Its largest table that inputs are rows of: the one of its pieces. */
    RowNumbers.@Nullable Table embedding() {
        return graph == null
                ? null
                : new RowNumbers(graph)
                        .tables().stream()
                                .filter(RowNumbers.Table::isLookedUp)
                                .max((a, b) -> Long.compare(a.size(), b.size()))
                                .orElse(null);
    }

    /**
     * Refuses texts for a network that takes ids of tokens, where nobody named a tokenizer: with the line to paste.
     *
     * @param chosen the table and what was said of its columns
     * @param kinds what its columns hold
     */
    static void requireNoTexts(Path network, TableColumns chosen, ColumnKinds kinds) {
        List<String> texts = chosen.features().isEmpty()
                ? kinds.texts()
                : kinds.texts().stream().filter(chosen.features()::contains).toList();
        TokenNetwork read = texts.isEmpty() ? new TokenNetwork(network, null) : read(network);
        if (!read.takesTokens()) {
            return;
        }
        String features = chosen.features().isEmpty() ? "--features " + Columns.line(texts.subList(0, 1)) + " " : "";
        Path beside = read.tokenizerBeside();
        throw new IllegalArgumentException("the network takes the ids of tokens ("
                + Columns.shown(read.inputs().stream().map(ValueInfo::name).toList()) + "), and "
                + Columns.quoted(texts) + (texts.size() == 1 ? " holds" : " hold") + " texts, which a tokenizer makes "
                + "ids of; add " + features + "--tokenizer "
                + (beside == null
                        ? "FILE, the tokenizer.json or vocab.txt that was published with the network"
                        : shown(beside) + " if it is the one that was published with the network"));
    }

    /** What lies where published networks have their tokenizers; null if nothing does. */
    private @Nullable Path tokenizerBeside() {
        Path file = path.toAbsolutePath().normalize();
        String stem = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
        // published networks often lie in a folder "onnx" of their own
        for (Path folder :
                List.of(file.resolveSibling(""), file.resolveSibling("").resolveSibling(""))) {
            for (String name : List.of("tokenizer.json", stem + "-tokenizer.json", "vocab.txt")) {
                if (Files.isRegularFile(folder.resolve(name))) {
                    return folder.resolve(name);
                }
            }
        }
        return null;
    }

    /** Below the folder of this process as one types it there, ready for a shell. */
    private static String shown(Path file) {
        Path here = Path.of("").toAbsolutePath();
        String path = (file.startsWith(here) ? here.relativize(file) : file).toString();
        return path.matches("[\\w.,:%+/-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
    }
}
