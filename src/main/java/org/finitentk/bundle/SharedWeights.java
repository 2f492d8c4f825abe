package org.finitentk.bundle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.Tensor;

/**
 * Weights that a bundle's graphs have in common, which are stored in one file beside them: θ first, without gaps, then
 * others that are large.
 */
final class SharedWeights {
    /** Smaller constants stay inside the graphs. */
    private static final long LARGE = 1024;

    private static final long ALIGNMENT = 64;

    private final Map<String, Stored> stored = new LinkedHashMap<>();
    private long end;

    private record Stored(Tensor tensor, long offset) {}

    private SharedWeights() {}

    static SharedWeights of(List<Parameter> parameters, Collection<Graph> graphs) {
        SharedWeights weights = new SharedWeights();
        for (Parameter parameter : parameters) {
            for (Graph graph : graphs) {
                Tensor tensor = graph.initializers().get(parameter.name());
                if (tensor != null) {
                    weights.add(parameter.name(), tensor, 1);
                    break;
                }
            }
        }
        for (Graph graph : graphs) {
            graph.initializers().forEach((name, tensor) -> {
                if (tensor.size() * tensor.type().bytes() >= LARGE) {
                    weights.add(name, tensor, ALIGNMENT);
                }
            });
        }
        return weights;
    }

    private void add(String name, Tensor tensor, long alignment) {
        if (tensor.size() > 0 && !stored.containsKey(name)) {
            long start = (end + alignment - 1) / alignment * alignment;
            stored.put(name, new Stored(tensor, start));
            end = start + tensor.size() * tensor.type().bytes();
        }
    }

    boolean isEmpty() {
        return stored.isEmpty();
    }

    /** At which byte of the file each of the graph's initializers starts that is there. */
    Map<String, Long> offsets(Graph graph) {
        Map<String, Long> own = new HashMap<>();
        graph.initializers().forEach((name, tensor) -> {
            Stored known = stored.get(name);
            if (known != null && known.tensor().hasContentOf(tensor)) {
                own.put(name, known.offset());
            }
        });
        return own;
    }

    /** Writes the file, if there is anything to write. */
    void write(Path file) throws IOException {
        if (isEmpty()) {
            return;
        }
        try (SeekableByteChannel out =
                Files.newByteChannel(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (Stored weights : stored.values()) {
                out.position(weights.offset());
                ByteBuffer data = weights.tensor().data();
                while (data.hasRemaining()) {
                    out.write(data);
                }
            }
        }
    }
}
