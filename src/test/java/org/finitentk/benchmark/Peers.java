package org.finitentk.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.finitentk.testing.SharedFiles;

/** The scripts of the folder {@code shared/peers}, which run PyTorch's functorch; and the networks to run them on. */
final class Peers {
    private static final Pattern NUMBER = Pattern.compile("\"(\\w+)\": ([-+.eE0-9]+)");

    private Peers() {}

    /** The network of a peer's name. */
    static Path model(String name) {
        Path peers = SharedFiles.of("peers").resolve("models").resolve(name + ".onnx");
        return Files.exists(peers) ? peers : SharedFiles.of("backbones").resolve(name + "_cifar10.onnx");
    }

    /**
     * The numbers that a peer prints as JSON; empty if PyTorch or the script is not there, or with
     * {@code -Dpeers=false}. The property {@code python} names the Python that has PyTorch.
     */
    static Map<String, Double> run(String script, String... arguments) {
        Path file = SharedFiles.of("peers").resolve(script);
        Map<String, Double> numbers = new HashMap<>();
        if ("false".equals(System.getProperty("peers")) || !Files.exists(file)) {
            return numbers;
        }
        List<String> command = new ArrayList<>(List.of(System.getProperty("python", "python3"), file.toString()));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            for (Matcher m = NUMBER.matcher(text); m.find(); ) {
                numbers.put(m.group(1), Double.valueOf(m.group(2)));
            }
        } catch (IOException e) {
            System.err.println("peer " + command + " does not run: " + e.getMessage());
        }
        return numbers;
    }
}
