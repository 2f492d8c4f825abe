package org.finitentk.internal.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import org.knowm.xchart.style.markers.Marker;

/** A sample of how something is drawn, and what it is. */
record LegendEntry(String label, Sample sample) {
    static final int SAMPLE_WIDTH = 26;

    /** Paints a sample {@link #SAMPLE_WIDTH} wide, centred on the given height. */
    @FunctionalInterface
    interface Sample {
        void paint(Graphics2D g, double left, double middle);
    }

    static LegendEntry line(String label, Color color, BasicStroke stroke) {
        return new LegendEntry(label, (g, left, middle) -> {
            g.setColor(color);
            g.setStroke(stroke);
            g.draw(new Line2D.Double(left + 1, middle, left + SAMPLE_WIDTH - 1, middle));
        });
    }

    static LegendEntry band(String label, Color color) {
        return new LegendEntry(label, (g, left, middle) -> {
            g.setColor(color);
            g.fill(new Rectangle2D.Double(left, middle - 7, SAMPLE_WIDTH, 14));
        });
    }

    static LegendEntry point(String label, Color color, Marker marker) {
        return new LegendEntry(label, (g, left, middle) -> {
            g.setColor(color);
            marker.paint(g, left + SAMPLE_WIDTH / 2.0, middle, 0);
        });
    }
}
