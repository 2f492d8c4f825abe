package org.finitentk.internal.tribuo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.finitentk.bundle.LinearizationBundle;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.internal.onnx.FloatOutput;
import org.finitentk.internal.onnx.LogitForms;
import org.finitentk.internal.onnx.LogitGraph;
import org.finitentk.internal.onnx.ModelReader;
import org.finitentk.internal.onnx.SettledGraph;
import org.finitentk.internal.onnx.ViewedGraph;
import org.finitentk.internal.util.Hashes;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InputSizes;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkView;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * A model as one self-contained array of bytes, which is what fitted models store, and its hash, by which open networks
 * are shared. A file that needs no other file is taken as it is, so its hash is what {@code sha256sum} prints; one with
 * external data is rewritten with the data inside, so that its hash covers the data. A zipped linearization bundle is
 * one file too.
 */
public final class ModelContent {
    private static final Logger LOG = Logger.getLogger(ModelContent.class.getName());

    private final String name;
    private final byte[] bytes;
    private final String sha256;
    private final @Nullable Graph parsed;
    private final @Nullable LinearizationBundle bundle;
    private final String takenOff;

    private ModelContent(String name, byte[] bytes, @Nullable Graph parsed, @Nullable LinearizationBundle bundle) {
        this(name, bytes, parsed, bundle, "");
    }

    private ModelContent(
            String name, byte[] bytes, @Nullable Graph parsed, @Nullable LinearizationBundle bundle, String takenOff) {
        this.takenOff = takenOff;
        this.name = name;
        this.bytes = bytes;
        this.sha256 = Hashes.sha256(bytes);
        this.parsed = parsed;
        this.bundle = bundle;
    }

    /** Takes bytes that were stored in a fitted model. */
    public static ModelContent of(String name, byte[] bytes) {
        return startsLikeZip(bytes) ? bundle(name, bytes) : new ModelContent(name, bytes, null, null);
    }

    private static boolean startsLikeZip(byte[] bytes) {
        return bytes.length > 3 && bytes[0] == 'P' && bytes[1] == 'K' && bytes[2] == 3 && bytes[3] == 4;
    }

    /** Bundles are read from files. */
    private static ModelContent bundle(String name, byte[] bytes) {
        try {
            Path copy = Files.createTempFile("bundle", ".zip");
            try {
                Files.write(copy, bytes);
                return new ModelContent(name, bytes, null, LinearizationBundle.read(copy));
            } finally {
                Files.delete(copy);
            }
        } catch (IOException e) {
            throw new InvalidModelException("the bundle of '" + name + "' cannot be unpacked: " + e.getMessage(), e);
        }
    }

    public static ModelContent read(Path path) {
        if (Files.isDirectory(path)) {
            throw new InvalidModelException("backbone '" + path
                    + "' is a folder; expected an ONNX file or a zipped bundle, as export --out NAME.zip writes");
        }
        if (path.toString().endsWith(".zip")) {
            LinearizationBundle zipped = LinearizationBundle.read(path);
            try {
                return new ModelContent(path.toString(), Files.readAllBytes(path), null, zipped);
            } catch (IOException e) {
                throw new InvalidModelException("bundle '" + path + "' cannot be read: " + e.getMessage(), e);
            }
        }
        byte[] bytes = ModelReader.bytes(path);
        Graph graph =
                ModelReader.read(bytes, path.toString(), path.toAbsolutePath().getParent());
        return new ModelContent(
                path.toString(), isSelfContained(bytes, path) ? bytes : ModelWriter.toBytes(graph), graph, null);
    }

    /** The bytes are known to be readable with the file's folder at hand. */
    private static boolean isSelfContained(byte[] bytes, Path path) {
        try {
            ModelReader.read(bytes, path.toString(), null);
            return true;
        } catch (InvalidModelException e) {
            return false;
        }
    }

    /**
     * What is wanted of the network, self-contained too.
     *
     * @throws IllegalArgumentException if this is a bundle, whose derivatives are of its own output
     */
    public ModelContent viewed(NetworkView view) {
        if (bundle != null) {
            bundle.requireOwn(
                    new NetworkView(InputSizes.NONE, view.values(), view.output(), view.pooling(), view.mask()), name);
            return this;
        }
        if (view.equals(NetworkView.WHOLE)) {
            return this;
        }
        Graph whole = graph();
        Graph viewed = ViewedGraph.of(view, whole);
        return viewed.equals(whole) ? this : new ModelContent(name, ModelWriter.toBytes(viewed), viewed, null);
    }

    /** The network with the sizes that all of some examples have, where it leaves them open. */
    @SuppressWarnings("ReferenceEquality") // an unchanged graph is the same object
    public ModelContent sized(InputSizes sizes) {
        if (bundle != null || !InputSizes.areOpen(graph().inputs())) {
            return this;
        }
        Graph sized = sizes.on(graph());
        if (sized == graph()) {
            return this;
        }
        Graph settled = SettledGraph.of(sized);
        return new ModelContent(name, ModelWriter.toBytes(settled), settled, null, takenOff);
    }

    /** Refuses a file that is another than when its provenance was taken, if it was. */
    public ModelContent requireUnchanged(@Nullable String known) {
        if (known != null && !known.equals(sha256)) {
            throw new IllegalStateException(
                    "backbone " + name + " has changed: its SHA-256 was " + known + " and is now " + sha256);
        }
        return this;
    }

    /** Says which output is the network's, where others could be meant. */
    public ModelContent told() {
        List<ValueInfo> others = FloatOutput.others(graph());
        if (!others.isEmpty()) {
            LOG.info("'" + name + "' has more than one output: '"
                    + FloatOutput.of(graph()).name() + "', the first, is the network's; if it is "
                    + others.stream().map(other -> "'" + other.name() + "'").collect(Collectors.joining(" or "))
                    + ", say so (--output NAME, outputLayer of OnnxBackbone)");
        }
        return this;
    }

    /** The network without a last Sigmoid, Softmax or LogSoftmax; the graphs of a bundle stay what they are. */
    public ModelContent logits(LogitForms forms) {
        LogitGraph found = bundle == null ? LogitGraph.of(graph(), forms) : null;
        if (found == null) {
            return this;
        }
        LOG.info("the last " + found.operator() + " of '" + name
                + "' is taken off, so that its outputs are logits; to keep it, set lastActivation=KEPT");
        return new ModelContent(name, ModelWriter.toBytes(found.graph()), found.graph(), null, found.operator());
    }

    /** The activation that {@link #logits} took off, or "". */
    public String takenOff() {
        return takenOff;
    }

    public byte[] bytes() {
        return bytes;
    }

    public String sha256() {
        return sha256;
    }

    /**
     * Opens the network.
     *
     * @throws IllegalArgumentException if parameters are selected of a bundle, whose parameters are fixed
     */
    public LinearizedNetwork network(ParameterSelection selection, ExecutionSettings settings) {
        if (bundle == null) {
            return RunningNetwork.of(graph(), selection, settings);
        }
        return bundle.open(selection, settings);
    }

    public Graph graph() {
        if (bundle != null) {
            return bundle.forward();
        }
        return parsed != null ? parsed : ModelReader.read(bytes, name, null);
    }
}
