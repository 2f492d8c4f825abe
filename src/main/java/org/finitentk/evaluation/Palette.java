package org.finitentk.evaluation;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.List;

/** Colours, strokes and fonts of all plots. The colours are Okabe and Ito's, which colour-blind readers tell apart. */
final class Palette {
    static final Color INK = new Color(0x1f2328);
    static final Color MUTED = new Color(0x59636e);
    static final Color GRID = new Color(0xe4e7eb);
    static final Color PAPER = Color.WHITE;
    static final Color MEAN = new Color(0x0072b2);
    static final Color BAND = new Color(0x00, 0x72, 0xb2, 56);
    static final Color TRAINING = Color.BLACK;
    static final Color TEST = new Color(0xd55e00);
    static final Color TRUTH = new Color(0x7a828c);
    static final Color CLEAR = new Color(255, 255, 255, 0);

    static final BasicStroke LINE = new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    /** Thin and solid: XChart draws a curve segment by segment, and a dash pattern would start anew in each. */
    static final BasicStroke THIN = new BasicStroke(1.3f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);

    static final BasicStroke DASHES =
            new BasicStroke(1.3f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, new float[] {5f, 4f}, 0f);

    // Nothing that the plot itself writes may have 12 points: the SVG writer takes that for the viewer's default and
    // omits it.
    static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 18);
    static final Font LEGEND = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    static final Font PANEL_TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 13);
    static final Font AXIS_TITLE = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    static final Font TICKS = new Font(Font.SANS_SERIF, Font.PLAIN, 11);

    private static final List<Color> SERIES = List.of(
            new Color(0x0072b2),
            new Color(0xd55e00),
            new Color(0x009e73),
            new Color(0xcc79a7),
            new Color(0xe69f00),
            new Color(0x56b4e9),
            new Color(0x59636e));

    private Palette() {}

    /** The colour of a method, the same in every plot of a report. */
    static Color series(int index) {
        return SERIES.get(index % SERIES.size());
    }
}
