package org.finitentk.benchmark;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.finitentk.check.RandomExamples;
import org.finitentk.finetune.Activation;
import org.finitentk.finetune.NetworkBuilder;
import org.finitentk.internal.kernel.CostModel;
import org.finitentk.internal.network.RunningNetwork;
import org.finitentk.network.Examples;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.regression.HyperparameterLearning;
import org.finitentk.regression.SolverTimes;

/**
 * Compares what the cost model estimates with what solvers take, for a table of examples n, parameters P, outputs k and
 * learning, and the solver that would be chosen with the best of those that were run. Wanted: estimates within a factor
 * of 2.5 (those of conjugate gradients given their iterations), choices at most twice as slow as the best. Where an
 * exact solver is over soon, approximate ones are not looked for: the best is then the best exact one.
 *
 * <pre>{@code
 * mvn -q -DskipTests package
 * java -Xmx8g -cp "target/classes:target/test-classes:target/lib/*" org.finitentk.benchmark.CostBenchmark
 * }</pre>
 *
 * <p>An argument: estimated seconds above which a solver is left out, 60 unless given. On a machine that has other work
 * the column of cores' seconds says more than that of the clock. What takes less than half a second, a good part of
 * which is the opening of sessions, is not judged.
 */
public final class CostBenchmark {
    private static final double WANTED = 2.5;
    private static final double SLOWER = 2;
    private static final double SHORT = 0.5;

    private CostBenchmark() {}

    /** A network, and how many examples. */
    private record Row(int inputs, List<Integer> hidden, int outputs, int examples) {}

    private static final List<Row> TABLE = List.of(
            new Row(5, List.of(20, 20), 1, 500),
            new Row(5, List.of(20, 20), 1, 2000),
            new Row(5, List.of(20, 20), 1, 20_000),
            new Row(5, List.of(20, 20), 3, 2000),
            new Row(10, List.of(50, 50), 1, 1000),
            new Row(10, List.of(50, 50), 1, 4000),
            new Row(10, List.of(50, 50), 1, 10_000),
            new Row(10, List.of(50, 50), 4, 1000),
            new Row(5, List.of(200, 2000, 200), 1, 500),
            new Row(5, List.of(200, 2000, 200), 1, 2000),
            new Row(5, List.of(200, 2000, 200), 1, 6000),
            new Row(5, List.of(200, 2000, 200), 3, 1000));

    /**
     * Runs it.
     *
     * @param arguments the limit
     */
    public static void main(String[] arguments) {
        double most = arguments.length > 0 ? Double.parseDouble(arguments[0]) : 60;
        System.out.printf(
                Locale.ROOT,
                "%7s %7s %2s %-5s %-18s %10s %9s %9s %10s %6s%n",
                "n",
                "P",
                "k",
                "learn",
                "solver",
                "estimated",
                "seconds",
                "cores",
                "iterations",
                "ratio");
        for (Row row : TABLE) {
            Activation activation = Activation.TANH;
            try (LinearizedNetwork network = RunningNetwork.of(
                    NetworkBuilder.mlp(row.inputs(), row.hidden(), row.outputs(), activation, 1),
                    ParameterSelection.DEFAULT,
                    ExecutionSettings.DEFAULT)) {
                Examples x = RandomExamples.draw(network.inputs(), row.examples(), 1);
                for (HyperparameterLearning learning :
                        List.of(HyperparameterLearning.NONE, HyperparameterLearning.BOTH)) {
                    // sessions are opened and the JVM's compiler has seen the code
                    new SolverTimes(network, x.slice(0, 50), learning).measure(most);
                    print(network, x, learning, new SolverTimes(network, x, learning), most);
                }
            }
        }
    }

    private static void print(
            LinearizedNetwork network, Examples x, HyperparameterLearning learning, SolverTimes problem, double most) {
        List<SolverTimes.Time> times = problem.measure(most);
        for (SolverTimes.Time time : times) {
            double ratio = time.estimated() / time.seconds();
            boolean off = Math.max(ratio, 1 / ratio) > WANTED && Math.max(time.seconds(), time.estimated()) > SHORT;
            System.out.printf(
                    Locale.ROOT,
                    "%7d %7d %2d %-5s %-18s %10.3f %9.3f %9.3f %10d %6.2f%s%n",
                    x.size(),
                    network.parameterCount(),
                    network.outputSize(),
                    learning,
                    time.name(),
                    time.estimated(),
                    time.seconds(),
                    time.cpu(),
                    time.iterations(),
                    ratio,
                    off ? " off" : "");
        }
        String automatic = problem.automatic();
        SolverTimes.Time chosen = times.stream()
                .filter(time -> time.name().equals(automatic))
                .findFirst()
                .orElse(null);
        boolean exactly = chosen != null && chosen.exact() && CostModel.isSoon(chosen.estimated());
        SolverTimes.Time best = times.stream()
                .filter(time -> time.exact() || !exactly)
                .min(Comparator.comparingDouble(SolverTimes.Time::seconds))
                .orElse(null);
        if (best == null || chosen == null) {
            System.out.println("        AUTO: " + automatic + ", which was not run");
        } else {
            double slower = chosen.seconds() / best.seconds();
            System.out.printf(
                    Locale.ROOT,
                    "        AUTO: %s, %.2f of the time of the best%s, %s%s%n",
                    automatic,
                    slower,
                    exactly ? " exact one" : "",
                    best.name(),
                    slower > SLOWER && chosen.seconds() > SHORT ? " slow" : "");
        }
    }
}
