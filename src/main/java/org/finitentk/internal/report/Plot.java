package org.finitentk.internal.report;

import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.AWTError;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import org.finitentk.internal.util.AtomicFile;

/**
 * A picture: a title, one legend for all, and a grid of charts, as PNG or SVG.
 *
 * <p>Nothing is shown on a screen and none is needed; a program that runs where there is a broken one should start with
 * {@code -Djava.awt.headless=true}, as our command line does. A Java runtime without any font cannot draw, and gives
 * {@link PlotException}.
 */
public abstract sealed class Plot
        permits CalibrationPlot, ComparisonPlot, OutOfDistributionPlot, PredictionPlot, ReliabilityPlot {
    /** Of the title's usual size. */
    private static final double SMALLEST = 0.7;

    private static final int MARGIN = 14;
    private static final int TITLE_HEIGHT = 30;
    private static final int PANEL_TITLE_HEIGHT = 20;
    private static final int PANEL_TITLE_BASELINE = 17;
    private static final int LEGEND_ROW_HEIGHT = 22;
    private static final int LEGEND_GAP = 22;
    private static final int LARGEST_SIDE = 20_000;
    /** Measures texts for all that is painted on. */
    private static final FontRenderContext MEASURE = new FontRenderContext(null, true, true);

    private final String title;
    private final int columns;
    private final int count;
    private final int panelWidth;
    private final int panelHeight;

    /** A grid of {@code count} charts; {@link #charts} must give as many. */
    Plot(String title, int count, int columns, int panelWidth, int panelHeight) {
        if (count < 1 || columns < 1) {
            throw new IllegalArgumentException("a plot \"" + title + "\" of " + count + " panels in " + columns
                    + " columns was asked for; expected at least one of each");
        }
        this.title = title;
        this.count = count;
        this.columns = Math.min(columns, count);
        this.panelWidth = panelWidth;
        this.panelHeight = panelHeight;
        int rows = (count + this.columns - 1) / this.columns;
        if ((long) this.columns * panelWidth > LARGEST_SIDE || (long) rows * panelHeight > LARGEST_SIDE) {
            throw new IllegalArgumentException("the plot \"" + title + "\" of " + rows + " × " + this.columns
                    + " panels would be larger than " + LARGEST_SIDE + " pixels; split it");
        }
    }

    /** The charts, made anew; without legends, which all share one. */
    abstract List<TitledChart> charts(Palette palette);

    /** What the legend explains. */
    abstract List<LegendEntry> legend(Palette palette);

    /** What can be seen, in sentences. */
    abstract String words();

    /**
     * What the picture is called.
     *
     * @return the title on it
     */
    public final String title() {
        return title;
    }

    /**
     * What the picture shows, for those who do not see it: the title and the figures in it, in a few sentences. A page
     * has it as the picture's alternative text.
     *
     * @return the sentences
     */
    public final String description() {
        return title + ". " + words();
    }

    /**
     * The picture's width.
     *
     * @return the width in logical pixels (a PNG of scale 2 has twice as many)
     */
    public final int width() {
        return 2 * MARGIN + columns * panelWidth;
    }

    /**
     * The picture as PNG on white, at twice the logical size, which looks sharp on today's screens.
     *
     * @return the file's bytes
     * @throws PlotException if this Java runtime cannot draw
     */
    public final byte[] png() {
        return png(2);
    }

    /**
     * The picture as PNG on white.
     *
     * @param scale pixels per logical pixel, between 0.1 and 8
     * @return the file's bytes
     * @throws PlotException if this Java runtime cannot draw
     */
    public final byte[] png(double scale) {
        return png(scale, ColorScheme.LIGHT);
    }

    /**
     * The picture as PNG.
     *
     * @param scale pixels per logical pixel, between 0.1 and 8
     * @param scheme what it is drawn on
     * @return the file's bytes
     * @throws PlotException if this Java runtime cannot draw
     */
    public final byte[] png(double scale, ColorScheme scheme) {
        if (!(scale >= 0.1 && scale <= 8)) {
            throw new IllegalArgumentException(
                    "a picture's scale is " + scale + "; expected a number between 0.1 and 8");
        }
        return drawing(() -> {
            BufferedImage image = image(scale, scheme.palette());
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                if (!ImageIO.write(image, "png", bytes)) {
                    throw new PlotException(
                            "this Java runtime has no PNG writer; write a file that ends in .svg", null);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        });
    }

    /**
     * The picture as SVG on white.
     *
     * @return the file's bytes
     * @throws PlotException if this Java runtime cannot draw
     */
    public final byte[] svg() {
        return svg(ColorScheme.LIGHT);
    }

    /**
     * The picture as SVG, with its title and description for those who do not see it.
     *
     * @param scheme what it is drawn on
     * @return the file's bytes
     * @throws PlotException if this Java runtime cannot draw
     */
    public final byte[] svg(ColorScheme scheme) {
        return drawing(() -> {
            int height = height();
            VectorGraphics2D g = new VectorGraphics2D();
            paint(g, height, scheme.palette());
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                Processors.get("svg")
                        .getDocument(g.getCommands(), new PageSize(0, 0, width(), height))
                        .writeTo(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return SvgText.tidied(bytes.toString(StandardCharsets.UTF_8), title, words())
                    .getBytes(StandardCharsets.UTF_8);
        });
    }

    /**
     * Writes the picture on white to a file, in one step.
     *
     * @param file the file, whose name ends in .png or .svg
     * @throws IOException if writing fails
     * @throws PlotException if this Java runtime cannot draw
     * @throws IllegalArgumentException if the name ends otherwise
     */
    public final void write(Path file) throws IOException {
        write(file, ColorScheme.LIGHT);
    }

    /**
     * Writes the picture to a file, in one step.
     *
     * @param file the file, whose name ends in .png or .svg
     * @param scheme what it is drawn on
     * @throws IOException if writing fails
     * @throws PlotException if this Java runtime cannot draw
     * @throws IllegalArgumentException if the name ends otherwise
     */
    public final void write(Path file, ColorScheme scheme) throws IOException {
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".png")) {
            AtomicFile.write(file, png(2, scheme));
        } else if (name.endsWith(".svg")) {
            AtomicFile.write(file, svg(scheme));
        } else {
            throw new IllegalArgumentException(
                    "a picture was to be written to \"" + file + "\"; expected a name that ends in .png or .svg");
        }
    }

    /** A runtime without fonts or with a broken display fails in many ways, deep inside AWT; say it in one. */
    private static <T> T drawing(Supplier<T> work) {
        try {
            return work.get();
        } catch (PlotException e) {
            throw e;
        } catch (LinkageError | InternalError | AWTError | RuntimeException e) {
            throw new PlotException(
                    "this Java runtime could not draw a picture (" + e
                            + "); install fontconfig and a font such as DejaVu,"
                            + " and run with -Djava.awt.headless=true",
                    e);
        }
    }

    private BufferedImage image(double scale, Palette palette) {
        int height = height();
        BufferedImage image = new BufferedImage(
                (int) Math.ceil(width() * scale), (int) Math.ceil(height * scale), BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        try {
            g.scale(scale, scale);
            paint(g, height, palette);
        } finally {
            g.dispose();
        }
        return image;
    }

    private void paint(Graphics2D g, int height, Palette palette) {
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setColor(palette.page().paper());
        g.fillRect(0, 0, width(), height);
        g.setColor(palette.page().ink());
        paintTitle(g);
        int top = MARGIN + TITLE_HEIGHT + LEGEND_ROW_HEIGHT * paintLegend(g, palette);
        AffineTransform before = g.getTransform();
        List<TitledChart> charts = charts(palette);
        for (int i = 0; i < charts.size(); i++) {
            g.translate(MARGIN + i % columns * panelWidth, top + i / columns * panelHeight);
            g.setColor(palette.page().ink());
            int titleHeight = paintPanelTitle(g, charts.get(i).title());
            g.translate(0, titleHeight);
            charts.get(i).chart().paint(g, panelWidth, panelHeight - titleHeight);
            g.setTransform(before);
        }
    }

    /** Paints the title, smaller and then shortened where it is wider than the picture; a page has it as it is. */
    private void paintTitle(Graphics2D g) {
        int room = width() - 2 * MARGIN;
        g.setFont(Palette.TITLE);
        int ascent = g.getFontMetrics().getAscent();
        double share = room / (double) g.getFontMetrics().stringWidth(title);
        if (share < 1) {
            g.setFont(Palette.TITLE.deriveFont((float) (Math.max(SMALLEST, share) * Palette.TITLE.getSize2D())));
        }
        g.drawString(shortened(g.getFontMetrics(), title, room), MARGIN, MARGIN + ascent);
    }

    private static String shortened(FontMetrics metrics, String text, int room) {
        String shown = text;
        while (metrics.stringWidth(shown) > room) {
            shown = shown.substring(0, shown.offsetByCodePoints(shown.length(), shown.endsWith("…") ? -2 : -1)) + "…";
        }
        return shown;
    }

    /** Paints a panel's title, shortened to what fits, and returns the height it took. */
    private int paintPanelTitle(Graphics2D g, String panelTitle) {
        if (panelTitle.isEmpty()) {
            return 0;
        }
        g.setFont(Palette.PANEL_TITLE);
        FontMetrics metrics = g.getFontMetrics();
        String shown = shortened(metrics, panelTitle, panelWidth - 20);
        g.drawString(shown, 0.5f * (panelWidth - metrics.stringWidth(shown)), PANEL_TITLE_BASELINE);
        return PANEL_TITLE_HEIGHT;
    }

    private int height() {
        BufferedImage scratch = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = scratch.createGraphics();
        try {
            int rows = (count + columns - 1) / columns;
            return MARGIN
                    + TITLE_HEIGHT
                    + LEGEND_ROW_HEIGHT * paintLegend(g, Palette.LIGHT)
                    + rows * panelHeight
                    + MARGIN;
        } finally {
            g.dispose();
        }
    }

    /**
     * Paints the legend, as many entries to a row as fit, and returns the number of rows. That number is the same
     * whatever is painted on, since the picture's height is known by it beforehand: widths of texts on a screen, in a
     * picture of twice the size and in an SVG differ.
     */
    private int paintLegend(Graphics2D g, Palette palette) {
        g.setFont(Palette.LEGEND);
        FontMetrics metrics = g.getFontMetrics();
        double left = MARGIN;
        int row = 0;
        for (LegendEntry entry : legend(palette)) {
            double text = Palette.LEGEND.getStringBounds(entry.label(), MEASURE).getWidth();
            double entryWidth = LegendEntry.SAMPLE_WIDTH + 7 + text;
            if (left > MARGIN && left + entryWidth > width() - MARGIN) {
                left = MARGIN;
                row++;
            }
            double middle = MARGIN + TITLE_HEIGHT + LEGEND_ROW_HEIGHT * (row + 0.5) - 3;
            entry.sample().paint(g, left, middle);
            g.setColor(palette.page().ink());
            g.setFont(Palette.LEGEND);
            g.drawString(entry.label(), (float) (left + LegendEntry.SAMPLE_WIDTH + 7), (float)
                    (middle + 0.5 * (metrics.getAscent() - metrics.getDescent())));
            left += entryWidth + LEGEND_GAP;
        }
        return row + 1;
    }
}
