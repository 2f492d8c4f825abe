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

/** The scripts of the folder {@code shared/peers}, which run PyTorch's functorch; and the networks to run them on. */
final class Peers {
    private static final Pattern NUMBER = Pattern.compile("\"(\\w+)\": ([-+.eE0-9]+)");

    private Peers() {
    }

    /** The folder {@code shared} of this checkout, or of the machine on which it is developed. */
    static Path shared() {
        Path near = Path.of("..", "shared");
        return Files.isDirectory(near.resolve("peers")) ? near : Path.of("/work/shared");
    }

    /** The network of a peer's name. */
    static Path model(String name) {
        Path peers = shared().resolve("peers").resolve("models").resolve(name + ".onnx");
        return Files.exists(peers) ? peers : shared().resolve("backbones").resolve(name + "_cifar10.onnx");
    }

    /** The numbers that a peer prints as JSON; empty if PyTorch or the script is not there, or with {@code -Dpeers=false}. */
    static Map<String, Double> run(String script, String... arguments) {
        Path file = shared().resolve("peers").resolve(script);
        // Debian's python3-torch belongs to Debian's own Python
        Path python = Path.of("/usr/bin/python3");
        Map<String, Double> numbers = new HashMap<>();
        if ("false".equals(System.getProperty("peers")) || !Files.exists(file) || !Files.exists(python)) {
            return numbers;
        }
        List<String> command = new ArrayList<>(List.of(python.toString(), file.toString()));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            for (Matcher m = NUMBER.matcher(text); m.find();) {
                numbers.put(m.group(1), Double.valueOf(m.group(2)));
            }
        } catch (IOException e) {
            System.err.println("peer " + command + " does not run: " + e.getMessage());
        }
        return numbers;
    }
}
