package org.finitentk.internal.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.runtime.GraphRunner;
import org.finitentk.internal.runtime.MemoryEstimate;
import org.finitentk.internal.runtime.RunSettings;
import org.finitentk.onnx.Graph;
import org.jspecify.annotations.Nullable;

/** One per-example graph of a network, derived once, and its sessions, opened when first needed. */
final class PerExampleSessions implements AutoCloseable {
    private final boolean parametersAsInputs;
    private final boolean staged;
    private final boolean keepRows;
    private final List<Decision> decisions = new ArrayList<>();
    private final PerExample structure;
    private final @Nullable Stages stages;
    private final List<Graph> graphs;
    private final long bytesPerExample;
    private final RunSettings settings;
    private final List<GraphRunner> onAllThreads = new ArrayList<>();
    private final List<GraphRunner> onOneThread = new ArrayList<>();

    /** What the derivation asked about a weight, and the answer. */
    private record Decision(long positions, long inputWidth, long outputWidth, boolean keep) {}

    /**
     * Writes down what is asked.
     *
     * @param choice decides
     * @param decisions gets the answers about weights
     */
    private record Asked(PerExample.Choice choice, List<Decision> decisions) implements PerExample.Choice {
        @Override
        public boolean keepFactors(long positions, long inputWidth, long outputWidth) {
            Decision decision = new Decision(
                    positions, inputWidth, outputWidth, choice.keepFactors(positions, inputWidth, outputWidth));
            decisions.add(decision);
            return decision.keep();
        }

        @Override
        public boolean keepRows() {
            return choice.keepRows();
        }
    }

    /**
     * Derives the graph.
     *
     * @param linearization derives it
     * @param choice whether a weight's gradient stays factored
     * @param parametersAsInputs whether θ goes in with every run
     * @param staged whether what does not depend on the cotangent is a graph of its own, where that is possible
     * @param settings how sessions run
     */
    PerExampleSessions(
            Linearization linearization,
            PerExample.Choice choice,
            boolean parametersAsInputs,
            boolean staged,
            RunSettings settings) {
        this.parametersAsInputs = parametersAsInputs;
        this.staged = staged;
        this.settings = settings;
        this.keepRows = choice.keepRows();
        this.structure = linearization.perExample(new Asked(choice, decisions), parametersAsInputs);
        this.stages = staged ? Stages.of(structure.graph(), Set.of(Linearization.COTANGENT)) : null;
        this.graphs = stages == null ? List.of(structure.graph()) : List.of(stages.first(), stages.second());
        this.bytesPerExample = graphs.stream()
                .mapToLong(graph -> MemoryEstimate.bytesPerExample(graph, structure.graph()))
                .sum();
    }

    /**
     * Whether a derivation with these arguments would give the same graphs: what it asks of the choice does not depend
     * on earlier answers.
     */
    boolean serves(PerExample.Choice choice, boolean withParametersAsInputs, boolean inStages) {
        return parametersAsInputs == withParametersAsInputs
                && staged == inStages
                && keepRows == choice.keepRows()
                && decisions.stream()
                        .allMatch(d -> choice.keepFactors(d.positions(), d.inputWidth(), d.outputWidth()) == d.keep());
    }

    PerExample structure() {
        return structure;
    }

    long bytesPerExample() {
        return bytesPerExample;
    }

    /** What does not depend on the cotangent, and the rest; null if they are one. */
    @Nullable
    Stages stages() {
        return stages;
    }

    /** Runs the first graph on all threads. */
    synchronized GraphRunner first() {
        if (onAllThreads.isEmpty()) {
            onAllThreads.add(new GraphRunner(graphs.get(0), settings));
        }
        return onAllThreads.get(0);
    }

    /** One runner a graph, for runs on all threads, or on the thread that calls. */
    synchronized List<GraphRunner> runners(boolean oneThread) {
        List<GraphRunner> runners = oneThread ? onOneThread : onAllThreads;
        for (int i = runners.size(); i < graphs.size(); i++) {
            runners.add(new GraphRunner(graphs.get(i), oneThread ? settings.onOneThread() : settings));
        }
        return List.copyOf(runners);
    }

    @Override
    public synchronized void close() {
        onAllThreads.forEach(GraphRunner::close);
        onOneThread.forEach(GraphRunner::close);
    }
}
