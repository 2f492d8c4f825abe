package org.finitentk.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.internal.onnx.ViewedGraph;
import org.finitentk.internal.runtime.MemoryEstimate;
import org.finitentk.internal.util.Hashes;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.NetworkView;
import org.finitentk.onnx.ParameterSelection;

/** A network on disk: an ONNX file, or a linearization bundle as a folder or zip file. */
public final class NetworkFile {
    private NetworkFile() {}

    /**
     * Opens a network.
     *
     * @param file an ONNX file, or a bundle's folder or zip file
     * @param selection which initializers are parameters; a bundle has made its selection, so only the default goes
     *     with it
     * @param settings device, threads, memory
     * @return the network, which the caller closes
     * @throws InvalidModelException if the file cannot be read or differentiated
     * @throws IllegalArgumentException if a selection is given with a bundle
     */
    public static LinearizedNetwork open(Path file, ParameterSelection selection, ExecutionSettings settings) {
        return open(file, NetworkView.WHOLE, selection, settings);
    }

    /**
     * Opens what is wanted of a network.
     *
     * @param file an ONNX file, or a bundle's folder or zip file
     * @param view sizes of inputs, and which output; a bundle has its own, so that only those go with it
     * @param selection which initializers are parameters; of a bundle the default
     * @param settings device, threads, memory
     * @return the network, which the caller closes
     * @throws InvalidModelException if the file cannot be read or differentiated, or has no such inputs or outputs
     * @throws IllegalArgumentException if a selection or another view is given with a bundle
     */
    public static LinearizedNetwork open(
            Path file, NetworkView view, ParameterSelection selection, ExecutionSettings settings) {
        if (isBundle(file)) {
            LinearizationBundle bundle = LinearizationBundle.read(file);
            bundle.requireOwn(view, file.toString());
            return bundle.open(selection, settings);
        }
        try {
            Graph graph = ViewedGraph.of(view, ModelReader.read(file));
            if (!InputSizes.areOpen(graph.inputs())) {
                MemoryEstimate.requireMemory(graph);
            }
            return RunningNetwork.of(graph, selection, file.toString(), Hashes.sha256(file), settings);
        } catch (InvalidModelException e) {
            String message = String.valueOf(e.getMessage());
            throw message.contains("'" + file + "'")
                    ? e
                    : new InvalidModelException("model '" + file + "': " + message, e);
        } catch (IOException e) {
            throw new InvalidModelException("file '" + file + "' cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Linearizes a graph that was built or read, as {@link #open} does a file's.
     *
     * @param graph as {@link #read} gives
     * @param selection which initializers are parameters
     * @param settings device, threads, memory
     * @return the network, which the caller closes
     * @throws InvalidModelException if the graph cannot be differentiated
     */
    public static LinearizedNetwork linearize(Graph graph, ParameterSelection selection, ExecutionSettings settings) {
        return RunningNetwork.of(graph, selection, settings);
    }

    /**
     * Reads an ONNX file.
     *
     * @param file an ONNX file; external data, if it has any, must lie in the same folder or below
     * @return the network, in the operators of opset {@link Graph#OPSET}
     * @throws InvalidModelException if the file is missing, too large, corrupt or uses what is not supported; the
     *     message names it
     */
    public static Graph read(Path file) {
        return ModelReader.read(file);
    }

    /**
     * Whether a file is to be read as a bundle.
     *
     * @param file what the user named
     * @return true for folders and zip files
     */
    public static boolean isBundle(Path file) {
        return Files.isDirectory(file) || BundleFiles.isZip(file);
    }
}
