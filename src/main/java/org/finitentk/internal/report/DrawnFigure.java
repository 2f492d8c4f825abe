package org.finitentk.internal.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.internal.util.AtomicFile;

/**
 * A figure with its pictures, or with the reason why this Java runtime could not draw them.
 *
 * @param figure what was to be drawn
 * @param pngs a picture for every scheme, or none
 * @param reason why there is none; else empty
 */
record DrawnFigure(ReportFigure figure, Map<ColorScheme, byte[]> pngs, String reason) {
    private static final Logger LOGGER = Logger.getLogger(DrawnFigure.class.getName());

    /** Draws a figure; where that fails, a warning is logged. */
    static DrawnFigure of(ReportFigure figure) {
        Map<ColorScheme, byte[]> pngs = new EnumMap<>(ColorScheme.class);
        try {
            for (ColorScheme scheme : ColorScheme.values()) {
                pngs.put(scheme, figure.plot().png(2, scheme));
            }
            return new DrawnFigure(figure, pngs, "");
        } catch (PlotException e) {
            LOGGER.log(Level.WARNING, "The report has no picture \"{0}\": {1}", new Object[] {
                figure.heading(), e.getMessage()
            });
            return new DrawnFigure(figure, Map.of(), String.valueOf(e.getMessage()));
        }
    }

    /** Writes the figure as PNG and SVG for every scheme, and gives the files: none, if it could not be drawn. */
    List<Path> write(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Map.Entry<ColorScheme, byte[]> picture : pngs.entrySet()) {
            String name = figure.fileName() + picture.getKey().suffix();
            Path bitmap = folder.resolve(name + ".png");
            AtomicFile.write(bitmap, picture.getValue());
            Path vector = folder.resolve(name + ".svg");
            figure.plot().write(vector, picture.getKey());
            files.addAll(List.of(bitmap, vector));
        }
        return files;
    }
}
