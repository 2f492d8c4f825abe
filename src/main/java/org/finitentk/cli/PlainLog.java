package org.finitentk.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * While it is open, this project's log is lines for a person: what was settled, and warnings. One that is opened within
 * another, as by a command that has words of its own, takes its place.
 */
final class PlainLog implements AutoCloseable {
    private final Logger ours = Logger.getLogger("org.finitentk");
    private final boolean before = ours.getUseParentHandlers();
    private final List<Handler> outer = Arrays.stream(ours.getHandlers())
            .filter(handler -> handler instanceof Lines)
            .toList();
    private final Handler lines;

    /** Writes messages in a command's words. */
    PlainLog(PrintWriter err, UnaryOperator<String> words) {
        lines = new Lines(err, words);
    }

    /** Begins. */
    void open() {
        ours.setUseParentHandlers(false);
        outer.forEach(ours::removeHandler);
        ours.addHandler(lines);
    }

    @Override
    public void close() {
        ours.removeHandler(lines);
        outer.forEach(ours::addHandler);
        ours.setUseParentHandlers(before);
    }

    /** Writes messages as they are. */
    private static final class Lines extends Handler {
        private final PrintWriter err;
        private final UnaryOperator<String> words;
        /** What is settled twice, as before training and in it, is said once. */
        private final Set<String> said = Collections.synchronizedSet(new HashSet<>());

        Lines(PrintWriter err, UnaryOperator<String> words) {
            this.err = err;
            this.words = words;
        }

        @Override
        public void publish(LogRecord line) {
            boolean isWarning = line.getLevel().intValue() >= Level.WARNING.intValue();
            String text = (isWarning ? "warning: " : "") + words.apply(line.getMessage());
            if (line.getLevel().intValue() >= Level.INFO.intValue() && said.add(text)) {
                err.println(text);
                err.flush();
            }
        }

        @Override
        public void flush() {
            err.flush();
        }

        @Override
        public void close() {
            err.flush();
        }
    }
}
