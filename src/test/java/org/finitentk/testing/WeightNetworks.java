package org.finitentk.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.finitentk.onnx.ParameterSelection;

/** The table of networks of whose constants it is known which are weights. */
public final class WeightNetworks {
    private WeightNetworks() {}

    /** One network: what it is an example of, its text for {@link WrittenNetwork}, its weights in order. */
    public record Entry(String name, String text, List<String> weights) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** All of them. */
    public static List<Entry> all() {
        List<Entry> networks = new ArrayList<>();
        for (String block : table().split("\n\n")) {
            if (!block.startsWith("#")) {
                String[] parts = block.split("\n", 2);
                int end = parts[1].lastIndexOf("->");
                List<String> weights =
                        List.of(parts[1].substring(end + 2).trim().split(" "));
                networks.add(new Entry(parts[0], parts[1].substring(0, end), weights));
            }
        }
        return networks;
    }

    private static String table() {
        try (InputStream stream =
                Objects.requireNonNull(ParameterSelection.class.getResourceAsStream("weight-roles.txt"))) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
