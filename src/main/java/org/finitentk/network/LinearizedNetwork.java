package org.finitentk.network;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.finitentk.autodiff.DoubleForm;
import org.finitentk.autodiff.Linearization;
import org.finitentk.autodiff.PerExample;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelReader;
import org.finitentk.onnx.ModelWriter;
import org.finitentk.onnx.NetworkNames;
import org.finitentk.onnx.Parameter;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * A network f with parameters θ, and products with its Jacobian J = ∂f/∂θ: outputs f, J v and Jᵀ u, over any number of examples.
 *
 * <p>n examples with k outputs each give arrays of n·k numbers, example by example. Examples go through in chunks that fit the memory budget; sums over chunks are in
 * float64. Safe for use from several threads. Sessions are opened when first needed. Close it: sessions are native memory; closing waits for the work under way and may
 * be repeated, and later use fails with {@link IllegalStateException}.
 */
public final class LinearizedNetwork implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final SharedSessions shared;
    private final LinearizedGraphs graphs;
    private final Batching batching;
    private final @Nullable MovedParameters moved;
    private final UseGate gate;
    private final Cleaner.Cleanable cleanable;

    /** Takes over one use of the sessions. */
    private LinearizedNetwork(SharedSessions shared, @Nullable MovedParameters moved) {
        this.shared = shared;
        this.graphs = shared.graphs();
        this.batching = new Batching(graphs.name(), graphs.inputs(), shared.settings().mostInChunk());
        this.moved = moved;
        this.gate = new UseGate("network '" + graphs.name() + "'");
        this.cleanable = CLEANER.register(this, new Release(shared, moved));
    }

    /**
     * Opens a network from disk.
     *
     * @param model an ONNX file, or a bundle's folder or zip file
     * @param selection which initializers are parameters; a bundle has made its selection, so only the default goes with it
     * @param settings device, threads, memory
     * @return the network
     * @throws org.finitentk.onnx.InvalidModelException if the file cannot be read or differentiated
     * @throws IllegalArgumentException if a selection is given with a bundle
     */
    public static LinearizedNetwork open(Path model, ParameterSelection selection, ExecutionSettings settings) {
        if (Files.isDirectory(model) || BundleFiles.isZip(model)) {
            if (selection.include() != null || selection.exclude() != null) {
                throw new IllegalArgumentException("'" + model
                        + "' is a bundle, whose parameters are fixed; select parameters when the bundle is made");
            }
            return of(LinearizationBundle.read(model), settings);
        }
        Graph graph = ModelReader.read(model);
        try {
            Linearization linearization = Linearization.of(graph, selection);
            MemoryEstimate.requireMemory(linearization.forward());
            return of(new DerivedGraphs(linearization, Hashes.sha256(model)), settings);
        } catch (InvalidModelException e) {
            throw new InvalidModelException("model '" + model + "': " + e.getMessage(), e);
        }
    }

    /**
     * Linearizes a graph.
     *
     * @param graph a normalized graph
     * @param selection which initializers are parameters
     * @param settings device, threads, memory
     * @return the network
     * @throws org.finitentk.onnx.InvalidModelException if the graph cannot be differentiated
     */
    public static LinearizedNetwork of(Graph graph, ParameterSelection selection, ExecutionSettings settings) {
        return of(Linearization.of(graph, selection), settings);
    }

    /**
     * Runs a linearization.
     *
     * @param linearization the graphs
     * @param settings device, threads, memory
     * @return the network
     */
    public static LinearizedNetwork of(Linearization linearization, ExecutionSettings settings) {
        return of(new DerivedGraphs(linearization, Hashes.sha256(ModelWriter.toBytes(linearization.source()))), settings);
    }

    /**
     * Runs a bundle's graphs.
     *
     * @param bundle the graphs
     * @param settings device, threads, memory
     * @return the network
     */
    public static LinearizedNetwork of(LinearizationBundle bundle, ExecutionSettings settings) {
        return of(new BundleGraphs(bundle), settings);
    }

    static LinearizedNetwork of(LinearizedGraphs graphs, ExecutionSettings settings) {
        return new LinearizedNetwork(new SharedSessions(new RunnableGraphs(graphs), settings), null);
    }

    LinearizedGraphs graphs() {
        return graphs;
    }

    SharedSessions sessions() {
        return shared;
    }

    Batching batching() {
        return batching;
    }

    /**
     * The names that the network's file gives to its input's elements and to its outputs, in their metadata.
     *
     * @return empty lists where the file says nothing
     * @throws InvalidModelException if it says what is no list of different names
     */
    public NetworkNames names() {
        return NetworkNames.of(graphs.metadata());
    }

    /**
     * The network's inputs.
     *
     * @return names, types and dimensions; the first dimension is the batch
     */
    public List<ValueInfo> inputs() {
        return graphs.inputs();
    }

    /**
     * The number k of outputs of one example.
     *
     * @return at least 1
     */
    public int outputSize() {
        return graphs.outputSize();
    }

    /**
     * The number P of parameters' elements.
     *
     * @return length of θ and of every tangent
     */
    public long parameterCount() {
        Parameter last = parameters().get(parameters().size() - 1);
        return last.offset() + last.size();
    }

    /**
     * The tangent parameters.
     *
     * @return names, shapes, and offsets in θ
     */
    public List<Parameter> parameters() {
        return graphs.parameters();
    }

    /**
     * The type in which the network computes.
     *
     * @return FLOAT or DOUBLE
     */
    public ElementType elementType() {
        return graphs.output().type();
    }

    /**
     * Identifies the source model.
     *
     * @return SHA-256 of its bytes, in hexadecimal
     */
    public String sha256() {
        return graphs.sha256();
    }

    /**
     * How the network runs.
     *
     * @return the settings it was opened with
     */
    public ExecutionSettings settings() {
        return shared.settings();
    }

    /**
     * The derivation of the graphs, from which further graphs can be derived.
     *
     * @return the linearization, or null when the graphs were made elsewhere
     */
    public @Nullable Linearization linearization() {
        return graphs.linearization();
    }

    /**
     * Opens another graph under the same settings.
     *
     * @param graph the graph
     * @return its runner, which the caller closes
     */
    public GraphRunner open(Graph graph) {
        return new GraphRunner(DoubleForm.of(graph), shared.settings());
    }

    /**
     * The graph of each example's own gradient. It is derived, and its sessions are opened, when first needed; the network and its views keep those used last.
     *
     * @param choice whether a weight's gradient stays factored
     * @param severalCotangents whether each chunk is run with several cotangents, so that the network itself had better be run once for all of them
     * @return runs it in chunks; the caller closes it. Null when the network's graphs were made elsewhere
     * @throws IllegalStateException if this network is closed
     */
    public @Nullable PerExampleGraph perExample(PerExample.Choice choice, boolean severalCotangents) {
        Linearization linearization = linearization();
        if (linearization == null) {
            return null;
        }
        gate.enter();
        try {
            PerExampleCache cache = shared.perExample();
            return new PerExampleGraph(this, cache, cache.acquire(linearization, choice, isMoved(), severalCotangents));
        } finally {
            gate.exit();
        }
    }

    /** Does work that this network must not be closed under. */
    void use(Runnable work) {
        gate.enter();
        try {
            work.run();
        } finally {
            gate.exit();
            Reference.reachabilityFence(this);
        }
    }

    ChunkPlan planPerExample(Examples x, long bytesPerExample) {
        return ChunkPlan.of(x.size(), batching, Product.VJP.cachedBytes(), bytesPerExample, 0, shared.settings());
    }

    Scratch scratch() {
        return new Scratch(shared.pool());
    }

    /** θ for a graph's inputs, or nothing when graphs have it as constants. */
    Map<String, Tensor> movedParameters(List<ValueInfo> inputs) {
        return moved != null ? moved.tensors(inputs) : Map.of();
    }

    /**
     * Whether this network has other parameters than the source model, so that a graph must take them as inputs.
     *
     * @return whether it comes from {@link #at}
     */
    public boolean isMoved() {
        return moved != null;
    }

    /**
     * The parameters θ.
     *
     * @return a new array of length P
     */
    public double[] parameterVector() {
        gate.enter();
        try {
            return moved != null ? moved.vector() : graphs.parameterVector();
        } finally {
            gate.exit();
        }
    }

    /**
     * The same network at other parameters. It shares this one's sessions, which live until the last of them is closed.
     *
     * @param theta parameters, of length P; copied
     * @return the network at θ, to be closed by the caller
     * @throws IllegalArgumentException if the length is not P
     * @throws IllegalStateException if this network is closed; a network whose graphs were made elsewhere and hold their parameters in other forms refuses
     *     later, when the view is used
     */
    public LinearizedNetwork at(double[] theta) {
        requireLength("parameter vector", theta, parameterCount());
        gate.enter();
        try {
            SharedSessions retained = shared.retain();
            return new LinearizedNetwork(retained, new MovedParameters(graphs, theta, shared.pool()));
        } finally {
            gate.exit();
        }
    }

    /**
     * Another handle on this network at the same parameters, closed independently.
     *
     * @return the handle, to be closed by the caller
     */
    public LinearizedNetwork share() {
        return moved != null ? at(parameterVector()) : shareUnmoved();
    }

    private LinearizedNetwork shareUnmoved() {
        gate.enter();
        try {
            return new LinearizedNetwork(shared.retain(), null);
        } finally {
            gate.exit();
        }
    }

    /**
     * Checks that examples fit the network, without running anything.
     *
     * @param x the examples
     * @throws IllegalArgumentException if an input is missing, unknown or of another type or shape; the message has both shapes
     */
    public void requireFit(Examples x) {
        InputShapes.bind(batching.exampleInputs(), x.inputs());
    }

    /**
     * Refuses a network whose examples influence each other (a Softmax, mean or sum over the batch, statistics of the batch, examples along another axis than the first). It
     * is found once for a network and its views, by running a few of the examples: in batches of 1, 2 and 7, with one of them replaced.
     *
     * @param x the examples at hand
     * @throws org.finitentk.onnx.InvalidModelException if an example's outputs change by more than 1e-4 of the largest output when another is replaced
     * @throws IllegalArgumentException if the examples do not fit the network
     */
    public void requireIndependentExamples(Examples x) {
        requireFit(x);
        if (x.size() > 0 && !shared.isIndependent()) {
            use(() -> ExampleInfluence.refuse(this, x));
            shared.setIndependent();
        }
    }

    /** f of examples that go through at once, however much memory they take. */
    double[] outputsAtOnce(Examples x) {
        double[] f = new double[resultLength(x)];
        GraphRunner runner = shared.runner(Product.FORWARD, moved != null, plan(x, Product.FORWARD).workers() > 1).runner();
        try (Scratch outputs = scratch()) {
            runChunk(runner, x, 0, x.size(), null, movedParameters(runner.inputs()), List.of(graphs.output().name()), outputs,
                results -> Reals.read(results.get(0), f, 0, f.length));
        }
        return f;
    }

    /**
     * Refuses outputs that are not finite.
     *
     * @param outputs n·k numbers, as {@link #forward} gives
     * @param x the examples that they are of
     * @return the same array
     * @throws NotFiniteException if one is NaN or infinite, naming its example, and the node that makes it so
     */
    public double[] requireFinite(double[] outputs, Examples x) {
        int at = NotFinite.first(outputs);
        if (at >= 0) {
            throw new NotFinite(this, x).output(at / outputSize(), at % outputSize(), outputs[at]);
        }
        return outputs;
    }

    /**
     * Refuses predictions that are not finite.
     *
     * @param predictions as many for each example
     * @param x n examples that they are of
     * @return the same array
     * @throws NotFiniteException if one is NaN or infinite, naming its example, and where the network makes it so the node
     */
    public double[] requireFinitePredictions(double[] predictions, Examples x) {
        int at = NotFinite.first(predictions);
        if (at >= 0) {
            requireFinite(forward(x), x);
            throw new NotFiniteException("the prediction of example " + x.position(at / (predictions.length / x.size())) + " is " + predictions[at] + ", although the outputs of network '"
                + graphs.name() + "' are finite; look for extreme features in that example");
        }
        return predictions;
    }

    /**
     * Refuses gradients that are not finite, as the graph of each example's own gives them.
     *
     * @param gradients one row an example, or anything else that has the examples along its first axis
     * @param x the examples, and their cotangent u
     * @param u n·k numbers
     * @throws NotFiniteException if a number is NaN or infinite, naming its example, and the node that makes it so
     */
    public void requireFiniteGradients(Tensor gradients, Examples x, double[] u) {
        long at = NotFinite.first(gradients);
        if (at >= 0) {
            throw new NotFinite(this, x).product((int) (at / (gradients.size() / gradients.shape()[0])), Product.VJP, u);
        }
    }

    /** J v of finite v, or who makes it otherwise. */
    double[] requireFiniteProduct(double[] jv, Examples x, double[] v) {
        int at = NotFinite.first(jv);
        if (at >= 0 && NotFinite.first(v) < 0) {
            throw new NotFinite(this, x).product(at / outputSize(), Product.JVP, ScaledVector.of(v, elementType()).values());
        }
        return jv;
    }

    /** Jᵀ u of finite u, or who makes it otherwise. */
    double[] requireFiniteTransposed(double[] product, Examples x, double[] u) {
        if (NotFinite.first(product) >= 0 && NotFinite.first(u) < 0) {
            throw new NotFinite(this, x).transposed(ScaledVector.of(u, elementType()).values());
        }
        return product;
    }

    /**
     * Examples that go through at once.
     *
     * @return the chunk size of {@link #vjp}, which needs the most memory; a fixed batch dimension if the network has one
     */
    public int chunkSize() {
        return chunkSize(Product.VJP);
    }

    private int chunkSize(Product product) {
        return batching.chunkSize(shared.bytesPerExample(product), shared.settings().chunkBudget(product.cachedBytes()));
    }

    /** Each worker of a vjp has an output and a sum of its own. */
    ChunkPlan plan(Examples x, Product product) {
        long bytesPerWorker = product == Product.VJP ? 16 * parameterCount() : 0;
        return ChunkPlan.of(x.size(), batching, product.cachedBytes(), shared.bytesPerExample(product), bytesPerWorker, shared.settings());
    }

    /**
     * The network's outputs.
     *
     * @param x n examples
     * @return f, n·k numbers
     * @throws IllegalArgumentException if the examples do not fit the network
     */
    public double[] forward(Examples x) {
        return isAlone(x, Product.FORWARD) ? first(forward(repeated(x))) : outputs(x, Product.FORWARD, null);
    }

    /**
     * Whether an example would go through alone where weights or tangents are inputs of the graph: ONNX Runtime multiplies one row by a matrix that is no constant in another
     * order than several, so that a prediction of one example would differ from the same in a batch. With this, most are the same to the last bit, and the others to a relative 1e-6
     of the largest in single precision: how its kernels round can depend on an example's place in the batch.
     */
    private boolean isAlone(Examples x, Product product) {
        return x.size() == 1 && !batching.isFixed() && (product == Product.JVP || moved != null);
    }

    /** The same example in a batch as small as behaves like a large one, of which the first is meant. */
    private static Examples repeated(Examples x) {
        return x.select(0, 0, 0, 0);
    }

    private double[] first(double[] ofAll) {
        return Arrays.copyOf(ofAll, outputSize());
    }

    /** f as the graph of a product computes it; the vector is the tangent or cotangent that the product multiplies. */
    double[] outputs(Examples x, Product product, double @Nullable [] vector) {
        double[] f = new double[resultLength(x)];
        run(x, product, vector, List.of(graphs.output().name()), (from, to, results) ->
            Reals.read(results.get(0), f, from * outputSize(), (to - from) * outputSize()));
        return f;
    }

    /**
     * The Jacobian times a tangent.
     *
     * @param x n examples
     * @param v tangent of length P
     * @return J v, n·k numbers
     * @throws IllegalArgumentException if the examples do not fit the network or the length is not P
     */
    public double[] jvp(Examples x, double[] v) {
        requireLength("tangent", v, parameterCount());
        if (isAlone(x, Product.JVP)) {
            return first(jvp(repeated(x), v));
        }
        ScaledVector scaled = ScaledVector.of(v, elementType());
        double[] jv = new double[resultLength(x)];
        run(x, Product.JVP, scaled.values(), List.of(Product.JVP.output()), (from, to, results) ->
            Reals.read(results.get(0), jv, from * outputSize(), (to - from) * outputSize()));
        return requireFiniteProduct(scaled.restore(jv), x, v);
    }

    /**
     * Outputs and Jacobian times a tangent in one go, which is the prediction of a linear model on top of the network.
     *
     * @param x n examples
     * @param v tangent of length P
     * @return f and J v
     * @throws IllegalArgumentException if the examples do not fit the network or the length is not P
     */
    public Linearized linearized(Examples x, double[] v) {
        requireLength("tangent", v, parameterCount());
        if (isAlone(x, Product.JVP)) {
            Linearized ofAll = linearized(repeated(x), v);
            return new Linearized(first(ofAll.outputs()), first(ofAll.products()));
        }
        ScaledVector scaled = ScaledVector.of(v, elementType());
        Linearized both = new Linearized(new double[resultLength(x)], new double[resultLength(x)]);
        run(x, Product.JVP, scaled.values(), List.of(graphs.output().name(), Product.JVP.output()), (from, to, results) -> {
            Reals.read(results.get(0), both.outputs(), from * outputSize(), (to - from) * outputSize());
            Reals.read(results.get(1), both.products(), from * outputSize(), (to - from) * outputSize());
        });
        requireFiniteProduct(scaled.restore(both.products()), x, v);
        return both;
    }

    /**
     * What {@link #linearized} gives.
     *
     * @param outputs f, n·k numbers
     * @param products J v, n·k numbers
     */
    @SuppressWarnings("ArrayRecordComponent") // A pair of results that nobody compares.
    public record Linearized(double[] outputs, double[] products) {
    }

    /**
     * The Jacobian times several tangents.
     *
     * @param x n examples
     * @param vs tangents of length P
     * @return for each tangent J v, n·k numbers
     * @throws IllegalArgumentException if the examples do not fit the network or a length is not P
     */
    public double[][] jvp(Examples x, double[][] vs) {
        for (double[] v : vs) {
            requireLength("tangent", v, parameterCount());
        }
        requireFit(x);
        if (isAlone(x, Product.JVP)) {
            return Arrays.stream(jvp(repeated(x), vs)).map(this::first).toArray(double[][]::new);
        }
        double[][] products = new double[vs.length][];
        use(() -> {
            BlockProducts block = vs.length > 1 ? BlockProducts.of(this, x, Product.JVP, vs.length) : null;
            double[][] all = block == null ? null : block.jvp(x, vs);
            for (int i = 0; i < vs.length; i++) {
                products[i] = all == null ? jvp(x, vs[i]) : requireFiniteProduct(all[i], x, vs[i]);
            }
        });
        return products;
    }

    /**
     * The transposed Jacobian times a cotangent, summed over the examples in float64 from chunk to chunk.
     *
     * @param x n examples
     * @param u cotangent, n·k numbers
     * @return Jᵀ u, of length P
     * @throws IllegalArgumentException if the examples do not fit the network or the length is not n·k
     */
    public double[] vjp(Examples x, double[] u) {
        return requireFiniteTransposed(unchecked(x, u), x, u);
    }

    /** Jᵀ u, whatever its numbers. */
    double[] unchecked(Examples x, double[] u) {
        requireLength("cotangent", u, resultLength(x));
        requireFit(x);
        ScaledVector scaled = ScaledVector.of(u, elementType());
        try (GradientSum sum = new GradientSum(parameterCount(), shared.pool())) {
            use(() -> addGradients(x, scaled.values(), sum));
            return scaled.restore(sum.total());
        }
    }

    private void addGradients(Examples x, double[] u, GradientSum sum) {
        ChunkPlan plan = plan(x, Product.VJP);
        GraphRunner runner = shared.runner(Product.VJP, moved != null, plan.workers() > 1).runner();
        Map<String, Tensor> parameters = movedParameters(runner.inputs());
        long round = (long) plan.size() * sum.chunksPerRound(plan.workers(), shared.settings().effectiveMemoryBudget());
        for (long first = 0; first < x.size(); first += round) {
            plan.run((int) first, (int) Math.min(x.size(), first + round), (from, to) ->
                runChunk(runner, x, from, to, u, parameters, List.of(Product.VJP.output()), sum::memory, results -> sum.add(from, results.get(0))));
            sum.endRound(plan.workers());
        }
    }

    /**
     * The transposed Jacobian times several cotangents.
     *
     * @param x n examples
     * @param us cotangents, n·k numbers each
     * @return for each cotangent Jᵀ u, of length P
     * @throws IllegalArgumentException if the examples do not fit the network or a length is not n·k
     */
    public double[][] vjp(Examples x, double[][] us) {
        for (double[] u : us) {
            requireLength("cotangent", u, resultLength(x));
        }
        requireFit(x);
        double[][] products = new double[us.length][];
        use(() -> {
            BlockProducts block = us.length > 1 ? BlockProducts.of(this, x, Product.VJP, us.length) : null;
            double[][] all = block == null ? null : block.vjp(x, us);
            for (int i = 0; i < us.length; i++) {
                products[i] = all == null ? vjp(x, us[i]) : requireFiniteTransposed(all[i], x, us[i]);
            }
        });
        return products;
    }

    /**
     * The Jacobian at fixed examples, for many products: what does not depend on the vectors is computed by the first and kept, if it fits half of the memory budget, and
     * with what others keep a quarter of the Java heap's limit (to which the JVM holds direct memory too).
     *
     * @param x n examples, whose contents must not change
     * @return products with them; what is kept goes when they are closed or collected
     * @throws IllegalArgumentException if the examples do not fit the network
     */
    public LinearizedExamples keeping(Examples x) {
        return keeping(x, shared.settings().effectiveMemoryBudget() / 2);
    }

    /** As above, in so many bytes. */
    LinearizedExamples keeping(Examples x, long bytes) {
        requireFit(x);
        return new LinearizedExamples(this, x, bytes);
    }

    /**
     * Products J (Jᵀ u) of fixed examples that stay where the network runs, so that nothing but u and the product is moved: on a GPU, where θ and Jᵀ u would otherwise go
     * over the bus for each.
     *
     * @param x n examples
     * @return the product, which the caller closes before this network; null on a CPU, where chunks that fit its caches are faster, for graphs with control flow, and where
     *     the examples do not go through at once within the memory budget
     * @throws IllegalArgumentException if the examples do not fit the network
     */
    public @Nullable ResidentProduct resident(Examples x) {
        requireFit(x);
        return ResidentProduct.isWorthwhile(this, x) ? ResidentProduct.of(this, x) : null;
    }

    GradientSum gradientSum() {
        return new GradientSum(parameterCount(), shared.pool());
    }

    private interface ChunkResult {
        /** Takes the wanted outputs of examples [from, to); the tensors are valid during the call. Calls for other chunks may come at the same time. */
        void accept(int from, int to, List<Tensor> results);
    }

    private void run(Examples x, Product product, double @Nullable [] vector, List<String> wanted, ChunkResult consumer) {
        requireFit(x);
        gate.enter();
        try (Scratch scratch = new Scratch(shared.pool())) {
            ChunkPlan plan = plan(x, product);
            SharedSessions.Opened opened = shared.runner(product, moved != null, plan.workers() > 1);
            GraphRunner runner = opened.runner();
            Map<String, Tensor> common = new HashMap<>(movedParameters(runner.inputs()));
            if (product == Product.JVP && vector != null) {
                common.putAll(opened.parts().feeds(product.vector(), vector(vector, 0, vector.length, new long[] {vector.length}, scratch)));
            }
            double[] cotangent = product == Product.VJP ? vector : null;
            plan.run((from, to) -> {
                try (Scratch outputs = scratch()) {
                    runChunk(runner, x, from, to, cotangent, common, wanted, outputs, results -> consumer.accept(from, to, results));
                }
            });
        } finally {
            gate.exit();
            Reference.reachabilityFence(this);
        }
    }

    private void runChunk(GraphRunner runner, Examples x, int from, int to, double @Nullable [] cotangent, Map<String, Tensor> common, List<String> wanted,
                          IntFunction<ByteBuffer> memory, Consumer<List<Tensor>> consumer) {
        Examples chunk = batching.chunk(x, from, to);
        Map<String, Tensor> feeds = new HashMap<>(chunk.inputs());
        feeds.putAll(common);
        try (Scratch scratch = new Scratch(shared.pool())) {
            if (cotangent != null) {
                long[] shape = {chunk.size(), outputSize()};
                feeds.put(Product.VJP.vector(), vector(cotangent, from * outputSize(), to * outputSize(), shape, scratch));
            }
            Map<String, Tensor> results = runner.run(feeds, wanted, memory);
            consumer.accept(wanted.stream().map(results::get).map(Objects::requireNonNull).toList());
        }
    }

    /** values[from, to) as a tensor, zeros after them; examples that only fill up a fixed batch have zero cotangents. */
    Tensor vector(double[] values, int from, int to, long[] shape, Scratch scratch) {
        ElementType type = elementType();
        ByteBuffer memory = scratch.apply(Math.toIntExact(Math.multiplyExact(Tensor.count(shape), type.bytes())));
        Reals.write(values, from, to, type, memory);
        for (int i = (to - from) * type.bytes(); i < memory.limit(); i++) {
            memory.put(i, (byte) 0);
        }
        return new Tensor(type, shape, memory);
    }

    private int resultLength(Examples x) {
        return Math.multiplyExact(x.size(), outputSize());
    }

    static void requireLength(String what, double[] vector, long length) {
        if (vector.length != length) {
            throw new IllegalArgumentException("the " + what + " has " + vector.length + " elements; expected " + length);
        }
    }

    /** Gives up this handle's share of the sessions, and the memory of its own parameters. */
    @Override
    public void close() {
        gate.close(cleanable::clean);
    }

    private record Release(SharedSessions shared, @Nullable MovedParameters moved) implements Runnable {
        @Override
        public void run() {
            if (moved != null) {
                moved.close();
            }
            shared.release();
        }
    }
}
