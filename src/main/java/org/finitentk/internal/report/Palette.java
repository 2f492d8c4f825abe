package org.finitentk.internal.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.Arrays;
import java.util.List;

/**
 * Colours, strokes and fonts of all plots. The colours of data on white are Okabe and Ito's, which colour-blind readers
 * tell apart; on black they are the same hues, lighter.
 *
 * @param page what data stand on
 * @param data the parts of a drawn task
 * @param methods one colour after another for the methods of a report
 */
record Palette(Page page, Data data, List<Color> methods) {
    static final Palette LIGHT = new Palette(
            new Page(Color.WHITE, new Color(0x1f2328), new Color(0x59636e), new Color(0xe4e7eb)),
            new Data(
                    new Color(0x0072b2),
                    new Color(0x00, 0x72, 0xb2, 70),
                    Color.BLACK,
                    new Color(0xd55e00),
                    new Color(0x7a828c)),
            colors(0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, 0x59636e));
    static final Palette DARK = new Palette(
            new Page(new Color(0x0d1117), new Color(0xe6edf3), new Color(0x9198a1), new Color(0x2a313a)),
            new Data(
                    new Color(0x4fb0f0),
                    new Color(0x4f, 0xb0, 0xf0, 90),
                    Color.WHITE,
                    new Color(0xff9248),
                    new Color(0x8b949e)),
            colors(0x4fb0f0, 0xff9248, 0x3fcf9f, 0xe79bc5, 0xf2c33c, 0x9fdcff, 0xa7b0ba));

    static final Color CLEAR = new Color(255, 255, 255, 0);

    static final BasicStroke LINE = new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    /** Thin and solid: XChart draws a curve segment by segment, and a dash pattern would start anew in each. */
    static final BasicStroke THIN = new BasicStroke(1.3f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);

    static final BasicStroke HAIR = new BasicStroke(0.8f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);

    static final BasicStroke DASHES =
            new BasicStroke(1.3f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, new float[] {5f, 4f}, 0f);

    // Nothing that the plot itself writes may have 12 points: the SVG writer takes that for the viewer's default and
    // omits it.
    static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 18);
    static final Font LEGEND = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    static final Font PANEL_TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 13);
    static final Font AXIS_TITLE = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    static final Font TICKS = new Font(Font.SANS_SERIF, Font.PLAIN, 11);

    /**
     * What data stand on.
     *
     * @param paper the background
     * @param ink titles and labels, and marks that all methods share
     * @param muted ticks
     * @param grid lines of the grid
     */
    record Page(Color paper, Color ink, Color muted, Color grid) {}

    /**
     * The parts of a drawn task.
     *
     * @param mean the predicted mean, and the edges of the band
     * @param band the interval around it; the grid shows through
     * @param training points that the model has seen
     * @param test points that it has not seen
     * @param truth what is known to be so: the function that data came from, the diagonal, a target
     */
    record Data(Color mean, Color band, Color training, Color test, Color truth) {}

    /** The colour of a method, the same in every plot of a report. */
    Color method(int index) {
        return methods.get(index % methods.size());
    }

    private static List<Color> colors(int... rgb) {
        return Arrays.stream(rgb).mapToObj(Color::new).toList();
    }
}
