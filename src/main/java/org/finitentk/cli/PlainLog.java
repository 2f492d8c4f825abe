package org.finitentk.cli;

import java.io.PrintWriter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** While it is open, this project's log is lines for a person: what was settled, and warnings. */
final class PlainLog implements AutoCloseable {
    private final Logger ours = Logger.getLogger("org.finitentk");
    private final boolean before = ours.getUseParentHandlers();
    private final Handler lines;

    PlainLog(PrintWriter err) {
        lines = new Lines(err);
        ours.setUseParentHandlers(false);
        ours.addHandler(lines);
    }

    @Override
    public void close() {
        ours.removeHandler(lines);
        ours.setUseParentHandlers(before);
    }

    /** Writes messages as they are. */
    private static final class Lines extends Handler {
        private final PrintWriter err;

        Lines(PrintWriter err) {
            this.err = err;
        }

        @Override
        public void publish(LogRecord line) {
            if (line.getLevel().intValue() >= Level.INFO.intValue()) {
                boolean isWarning = line.getLevel().intValue() >= Level.WARNING.intValue();
                err.println((isWarning ? "warning: " : "") + OptionWords.of(line.getMessage()));
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
