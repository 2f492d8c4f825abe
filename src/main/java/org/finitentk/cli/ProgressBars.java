package org.finitentk.cli;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.finitentk.network.ProgressListener;
import org.jspecify.annotations.Nullable;

/**
 * Shows the progress of what takes longer than a second, one stage after the other: as a bar on a terminal, elsewhere
 * (a log file, a build) as a line every few seconds.
 */
final class ProgressBars implements ProgressListener, AutoCloseable {
    private static final long PATIENCE_NANOS = 1_000_000_000L;
    private static final long LINE_NANOS = 5_000_000_000L;
    private static final int WIDTH = 100;

    private final PrintStream err;
    private final boolean terminal;
    private final long start = System.nanoTime();
    private long lastLine = start - LINE_NANOS;
    private @Nullable String stage;
    private @Nullable ProgressBar bar;

    private ProgressBars(PrintStream err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
    }

    /** On standard error. Newer JDKs than 17 always have a console, so that a log file there gets the bar's lines. */
    @SuppressWarnings("SystemConsoleNull")
    static ProgressBars onStandardError() {
        return new ProgressBars(System.err, System.console() != null);
    }

    @Override
    public synchronized void progress(String newStage, long done, long total) {
        if (System.nanoTime() - start < PATIENCE_NANOS) {
            return;
        }
        if (terminal) {
            draw(newStage, done, total);
        } else if (System.nanoTime() - lastLine >= LINE_NANOS) {
            lastLine = System.nanoTime();
            err.println(total < 0 ? newStage + ": " + done : newStage + ": " + done + " of " + total);
        }
    }

    private void draw(String newStage, long done, long total) {
        if (bar == null || !newStage.equals(stage)) {
            close();
            stage = newStage;
            bar = new ProgressBarBuilder()
                    .setTaskName(newStage)
                    .setInitialMax(total)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setConsumer(new ConsoleProgressBarConsumer(err, WIDTH))
                    .build();
        }
        bar.maxHint(total);
        bar.stepTo(done);
        if (done == total) {
            close();
        }
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
