package org.finitentk.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.finitentk.provenance.NotReproducibleException;
import org.finitentk.provenance.Reproduction;
import org.finitentk.provenance.ReproductionResult;
import org.finitentk.provenance.ReproductionResult.Difference;
import org.finitentk.provenance.ReproductionResult.Difference.Kind;
import org.finitentk.provenance.ReproductionResult.RecordedFile;
import org.jspecify.annotations.Nullable;
import org.tribuo.provenance.DatasetProvenance;
import org.tribuo.provenance.ModelProvenance;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reproduce}: a Tribuo model trained again from what its provenance records. */
@Command(
        name = "reproduce",
        mixinStandardHelpOptions = true,
        description = "Checks the data and backbone files that a Tribuo model was trained from, trains it again "
                + "from its provenance alone, and compares the two to the last bit. "
                + "Exit code 0 says that they are identical but for times, versions, host and places of files.")
final class ReproduceCommand implements Callable<Integer> {
    /** The greatest relative difference that learning makes of rounding errors. */
    private static final double ROUNDING = 1e-6;

    /** What train adds to a model's name for its provenance. */
    private static final String SUFFIX = ".json";

    @Parameters(
            paramLabel = "MODEL|PROVENANCE.json",
            description = "a Tribuo model (protobuf or Java serialization), or a provenance in OLCUT's JSON")
    private Path path;

    @Option(
            names = "--out",
            paramLabel = "MODEL.pb",
            description = "where to write the reproduction, even if it differs")
    private @Nullable Path out;

    @Option(
            names = "--moved",
            paramLabel = "OLD=NEW",
            description = "where a recorded file, or all below a recorded folder, is now; may be repeated")
    private Map<Path, Path> moved = new LinkedHashMap<>();

    @Spec
    private CommandLine.Model.CommandSpec spec;

    ReproduceCommand() {}

    @Override
    public Integer call() throws IOException {
        PrintWriter print = spec.commandLine().getOut();
        Reproduction reproduction = Reproduction.read(path);
        for (Map.Entry<Path, Path> entry : moved.entrySet()) {
            reproduction = reproduction.moved(entry.getKey(), entry.getValue());
        }
        describe(reproduction.provenance(), print);
        warnOfOther(reproduction.provenance());
        try (ReproductionResult result = reproduce(reproduction, print)) {
            conclude(result, print);
        } finally {
            print.flush();
        }
        return CommandLine.ExitCode.OK;
    }

    /** A model and the provenance beside it belong together, if they were trained at the same time. */
    private void warnOfOther(ModelProvenance own) throws IOException {
        String name = path.toString();
        boolean isProvenance = name.endsWith(SUFFIX);
        Path other = Path.of(isProvenance ? name.substring(0, name.length() - SUFFIX.length()) : name + SUFFIX);
        if (!Files.isRegularFile(other)) {
            return;
        }
        ModelProvenance beside;
        try {
            beside = Reproduction.read(other).provenance();
        } catch (IllegalArgumentException e) {
            return;
        }
        if (!beside.getTrainingTime().isEqual(own.getTrainingTime())) {
            spec.commandLine()
                    .getErr()
                    .println("warning: '" + other + "' beside it is " + (isProvenance ? "" : "the provenance of ")
                            + "another model, trained " + beside.getTrainingTime() + "; what follows is of '" + path
                            + "' alone");
            spec.commandLine().getErr().flush();
        }
    }

    private static ReproductionResult reproduce(Reproduction reproduction, PrintWriter print) {
        try (ProgressBars progress = ProgressBars.onStandardError()) {
            files(reproduction.files(progress), print);
            return reproduction.reproduce(progress);
        }
    }

    private static void describe(ModelProvenance provenance, PrintWriter print) {
        DatasetProvenance data = provenance.getDatasetProvenance();
        line(print, "model    %s, trained %s", provenance.getClassName(), provenance.getTrainingTime());
        line(print, "trainer  %s", provenance.getTrainerProvenance().getClassName());
        line(print, "data     %d examples with %d features", data.getNumExamples(), data.getNumFeatures());
    }

    private static boolean isMissing(RecordedFile file) {
        return file.found().equals("no such file");
    }

    private static void files(List<RecordedFile> files, PrintWriter print) {
        line(print, files.isEmpty() ? "%nno hashes of files are recorded" : "%nrecorded files");
        for (RecordedFile file : files) {
            line(
                    print,
                    "  %-9s  %s %s  %s",
                    !file.changed() ? "unchanged" : isMissing(file) ? "MISSING" : "CHANGED",
                    file.algorithm(),
                    file.expected(),
                    file.location());
            if (file.changed() && !isMissing(file)) {
                line(print, "  %-9s  %s %s", "  now", file.algorithm(), file.found());
            }
        }
        print.flush();
    }

    private void conclude(ReproductionResult result, PrintWriter print) throws IOException {
        if (out != null) {
            result.writeModel(out);
            line(print, "%nthe reproduction was written to %s", out);
        }
        List<Difference> environment = result.differences().stream()
                .filter(d -> d.kind() == Kind.ENVIRONMENT)
                .toList();
        List<Difference> real = result.differences().stream()
                .filter(d -> d.kind() != Kind.ENVIRONMENT)
                .toList();
        list("times, versions, host and places of files", environment, print);
        list("DIFFERENCES", real, print);
        if (!real.isEmpty()) {
            throw new NotReproducibleException("the reproduction of '" + path + "' differs from the original in "
                    + real.size() + (real.size() == 1 ? " place: " : " places, first ") + real.get(0)
                    + rounding(real));
        }
        line(
                print,
                result.contentCompared()
                        ? "%nidentical: the same provenance, the same predictions on the training data and "
                                + "the same parameters to the last bit"
                        : "%nidentical: the same provenance, with all that training found; a model file "
                                + "would let predictions and parameters be compared too");
    }

    /** Whether differences are of the size that other orders of the same sums make, in words that follow a sentence. */
    static String rounding(List<Difference> real) {
        double most = 0;
        for (Difference difference : real) {
            double original = number(difference.original());
            double reproduced = number(difference.reproduced());
            most = Math.max(most, Math.abs(original - reproduced) / Math.max(Math.abs(original), Math.abs(reproduced)));
        }
        return most <= ROUNDING
                ? String.format(
                        Locale.ROOT,
                        "; whatever differs are numbers, by at most %.1e of their size, which is what another "
                                + "processor or number of threads does by rounding",
                        most)
                : "";
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private static void list(String title, List<Difference> differences, PrintWriter print) {
        if (!differences.isEmpty()) {
            line(print, "%n%s", title);
            differences.forEach(difference -> line(print, "  %s", difference));
        }
    }

    private static void line(PrintWriter print, String format, Object... arguments) {
        print.println(String.format(Locale.ROOT, format, arguments));
    }
}
