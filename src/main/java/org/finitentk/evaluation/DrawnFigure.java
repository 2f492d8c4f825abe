package org.finitentk.evaluation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.internal.util.AtomicFile;
import org.jspecify.annotations.Nullable;

/** A figure with its picture, or with the reason why this Java runtime could not draw it. */
record DrawnFigure(ReportFigure figure, byte @Nullable [] png, String reason) {
    private static final Logger LOGGER = Logger.getLogger(DrawnFigure.class.getName());

    /** Draws a figure; where that fails, a warning is logged. */
    static DrawnFigure of(ReportFigure figure) {
        try {
            return new DrawnFigure(figure, figure.plot().png(), "");
        } catch (PlotException e) {
            LOGGER.log(Level.WARNING, "The report has no picture \"{0}\": {1}", new Object[] {
                figure.heading(), e.getMessage()
            });
            return new DrawnFigure(figure, null, String.valueOf(e.getMessage()));
        }
    }

    /** Writes the figure as PNG and SVG, and gives the files: none, if it could not be drawn. */
    List<Path> write(Path folder) throws IOException {
        byte[] picture = png;
        if (picture == null) {
            return List.of();
        }
        Path bitmap = folder.resolve(figure.fileName() + ".png");
        AtomicFile.write(bitmap, picture);
        Path vector = folder.resolve(figure.fileName() + ".svg");
        figure.plot().write(vector);
        return List.of(bitmap, vector);
    }
}
