package org.finitentk.internal.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.evaluation.PredictiveRegressionEvaluator;
import org.finitentk.internal.scores.Levels;
import org.finitentk.internal.scores.ReportMetric;
import org.finitentk.internal.util.AtomicFile;

/**
 * The results of an experiment, several methods on several tasks, ready to be printed, plotted and written:
 *
 * <pre>{@code
 * ExperimentReport report = ExperimentReport.of("Sinusoids")
 *         .introduction("Twenty new tasks of ten points each.")
 *         .setting("Seed", "1")
 *         .method("Finite-NTK GP", "The closed-form posterior.", gpResults)
 *         .method("Full fine-tuning", "Adam on all parameters.", tunedResults)
 *         .section("Provenance", provenanceJson)
 *         .build();
 * System.out.print(report.summary());
 * report.write(Path.of("results/sinusoids"));
 * }</pre>
 */
public final class ExperimentReport {
    private final String title;
    private final String introduction;
    private final Map<String, String> settings;
    private final Map<String, String> sections;
    private final List<MethodResult> methods;
    private final List<ReportMetric> metrics;
    private final List<TaskGroup> groups;
    private final List<ReportFigure> figures;

    private ExperimentReport(Builder builder) {
        this.title = builder.title;
        this.introduction = builder.introduction;
        this.settings = Collections.unmodifiableMap(new LinkedHashMap<>(builder.settings));
        this.sections = Collections.unmodifiableMap(new LinkedHashMap<>(builder.sections));
        this.methods = List.copyOf(builder.methods);
        this.metrics = metricsOf(methods);
        this.groups = builder.groups.isEmpty() ? List.of(TaskGroup.ALL) : List.copyOf(builder.groups);
        this.figures = ReportFigures.of(methods, metrics, groups, builder.level, builder.plots);
    }

    /**
     * Starts a report.
     *
     * @param title what the experiment is called
     * @return its builder
     */
    public static Builder of(String title) {
        return new Builder(title);
    }

    /** All metrics of all results, in the order in which they first appear. */
    private static List<ReportMetric> metricsOf(List<MethodResult> methods) {
        Map<String, ReportMetric> byKey = new LinkedHashMap<>();
        for (MethodResult method : methods) {
            for (TaskResult task : method.tasks()) {
                for (ReportMetric metric : task.metrics().keySet()) {
                    ReportMetric known = byKey.putIfAbsent(metric.key(), metric);
                    if (known != null && !known.equals(metric)) {
                        throw new IllegalArgumentException("the results have two different metrics with the key \""
                                + metric.key() + "\" (" + known.name() + ", " + metric.name()
                                + "); expected one metric for each key, since it names a column");
                    }
                }
            }
        }
        return List.copyOf(byKey.values());
    }

    /**
     * What the experiment is called.
     *
     * @return the title
     */
    public String title() {
        return title;
    }

    /**
     * The methods' results.
     *
     * @return the methods, in the order in which they were given
     */
    public List<MethodResult> methods() {
        return methods;
    }

    /**
     * The metrics.
     *
     * @return all metrics that any result has, in the order of the columns
     */
    public List<ReportMetric> metrics() {
        return metrics;
    }

    /**
     * The settings.
     *
     * @return values by name, in the order in which they were given
     */
    public Map<String, String> settings() {
        return settings;
    }

    String introduction() {
        return introduction;
    }

    Map<String, String> sections() {
        return sections;
    }

    /** What is summarized together: at least one group. */
    List<TaskGroup> groups() {
        return groups;
    }

    /**
     * The index of the method whose mean is best, or −1 where that says nothing: one method, no goal, or no figures.
     */
    static int best(List<MethodResult> methods, ReportMetric metric) {
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < methods.size() && methods.size() > 1; i++) {
            double badness = metric.badness(methods.get(i).summary(metric).mean());
            if (badness < least) {
                least = badness;
                best = i;
            }
        }
        return best;
    }

    /**
     * The methods' mean scores with their standard errors, as a table for a terminal; one table for each group of
     * tasks.
     *
     * @return the tables' lines
     */
    public String summary() {
        return new TextReport(this).summary();
    }

    /**
     * All that the page says, for a terminal: the results of every task, and the sections.
     *
     * @return the lines
     */
    public String details() {
        return new TextReport(this).details();
    }

    /**
     * All results as comma-separated values: a row for each method and task, a column for each metric's key. Numbers
     * have all their digits, an empty field is a figure that could not be computed.
     *
     * @return the file's text
     */
    public String toCsv() {
        return ResultsCsv.of(methods, metrics);
    }

    /**
     * Settings, metrics, summaries and all results as JSON. Numbers have all their digits, null is a figure that could
     * not be computed, infinities are the strings "Infinity" and "-Infinity".
     *
     * @return the file's text
     */
    public String toJson() {
        return ResultsJson.of(this);
    }

    /**
     * The whole report as one HTML page that needs nothing else: its pictures are inside. Where this Java runtime
     * cannot draw, the page says so in their place.
     *
     * @return the page
     */
    public String toHtml() {
        return HtmlReport.of(this, draw());
    }

    /**
     * Writes {@code report.html}, {@code results.csv}, {@code results.json} and every picture as PNG and SVG, each for
     * light and (names that end in {@code -dark}) for dark pages, all in one step each, replacing those of an earlier
     * run. Where this Java runtime cannot draw, there are no pictures, and a warning is logged.
     *
     * @param folder the folder, made if missing
     * @return the files written, the page first
     * @throws IOException if writing fails
     */
    public List<Path> write(Path folder) throws IOException {
        List<DrawnFigure> drawn = draw();
        try {
            return write(folder, drawn);
        } catch (IOException e) {
            throw new IOException("the report in '" + folder + "' cannot be written: " + e.getMessage(), e);
        }
    }

    private List<Path> write(Path folder, List<DrawnFigure> drawn) throws IOException {
        List<Path> written = new ArrayList<>();
        written.add(write(folder, "report.html", HtmlReport.of(this, drawn)));
        written.add(write(folder, "results.csv", toCsv()));
        written.add(write(folder, "results.json", toJson()));
        for (DrawnFigure figure : drawn) {
            written.addAll(figure.write(folder));
        }
        return List.copyOf(written);
    }

    private static Path write(Path folder, String name, String text) throws IOException {
        Path file = folder.resolve(name);
        AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
        return file;
    }

    private List<DrawnFigure> draw() {
        return figures.stream().map(DrawnFigure::of).toList();
    }

    /** Collects the parts of a report. */
    public static final class Builder {
        private final String title;
        private String introduction = "";
        private double level = PredictiveRegressionEvaluator.DEFAULT_LEVEL;
        private final Map<String, String> settings = new LinkedHashMap<>();
        private final Map<String, String> sections = new LinkedHashMap<>();
        private final List<MethodResult> methods = new ArrayList<>();
        private final List<TaskGroup> groups = new ArrayList<>();
        private final List<ReportFigure> plots = new ArrayList<>();

        private Builder(String title) {
            if (title.isBlank()) {
                throw new IllegalArgumentException(
                        "a report's title is blank; expected words, since it heads the page");
            }
            this.title = title;
        }

        /**
         * Says what the experiment is about.
         *
         * @param text a paragraph; blank lines in it part paragraphs
         * @return this builder
         */
        public Builder introduction(String text) {
            introduction = text;
            return this;
        }

        /**
         * Sets the probability of the intervals drawn; 0.95 unless set.
         *
         * @param probability strictly between 0 and 1
         * @return this builder
         */
        public Builder level(double probability) {
            Levels.require(probability);
            level = probability;
            return this;
        }

        /**
         * Records a setting.
         *
         * @param name what was set
         * @param value to what
         * @return this builder
         */
        public Builder setting(String name, String value) {
            settings.put(name, value);
            return this;
        }

        /**
         * Adds a method.
         *
         * @param name its name, unique in the report
         * @param tasks its results, at least one; those with a panel are drawn
         * @return this builder
         */
        public Builder method(String name, List<TaskResult> tasks) {
            return method(name, "", tasks);
        }

        /**
         * Adds a method.
         *
         * @param name its name, unique in the report
         * @param description a sentence or two on what it does
         * @param tasks its results, at least one; those with a panel are drawn
         * @return this builder
         * @throws IllegalArgumentException if there is a method of that name already
         */
        public Builder method(String name, String description, List<TaskResult> tasks) {
            if (methods.stream().anyMatch(method -> method.name().equals(name))) {
                throw new IllegalArgumentException(
                        "the report has a method \"" + name + "\" already; expected names that differ");
            }
            methods.add(new MethodResult(name, description, tasks));
            return this;
        }

        /**
         * Has tasks summarized together, such as the splits of one data set. A report with groups has a table and a
         * panel of the comparison for each, and none for all tasks.
         *
         * @param name what stands above the table
         * @param tasks the names of the tasks, each in one group at most
         * @return this builder
         * @throws IllegalArgumentException if the name is blank
         */
        public Builder group(String name, List<String> tasks) {
            if (name.isBlank()) {
                throw new IllegalArgumentException(
                        "the name of a group of tasks is blank; expected words, since it heads a table");
            }
            groups.add(new TaskGroup(name, List.copyOf(tasks)));
            return this;
        }

        /**
         * Adds a plot, after those that the report makes itself (each method's predictions, comparison, calibration).
         *
         * @param caption what it shows and how to read it
         * @param plot the plot
         * @return this builder
         */
        public Builder plot(String caption, Plot plot) {
            plots.add(new ReportFigure(ReportFigures.slug(plot.title()), plot.title(), caption, plot));
            return this;
        }

        /**
         * Adds text that the page shows as it is, folded away, such as provenance as JSON.
         *
         * @param heading what stands above it
         * @param text the text
         * @return this builder
         */
        public Builder section(String heading, String text) {
            sections.put(heading, text);
            return this;
        }

        /**
         * Makes the report.
         *
         * @return the report
         * @throws IllegalArgumentException if it has no method
         */
        public ExperimentReport build() {
            if (methods.isEmpty()) {
                throw new IllegalArgumentException(
                        "the report \"" + title + "\" has no method; expected at least one with its results");
            }
            return new ExperimentReport(this);
        }
    }
}
