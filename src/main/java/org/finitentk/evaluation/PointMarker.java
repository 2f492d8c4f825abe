package org.finitentk.evaluation;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import org.knowm.xchart.style.markers.Marker;

/** A point that stays visible on a band and on a line of its own colour, because it has a white rim. */
final class PointMarker extends Marker {
    private static final BasicStroke RIM = new BasicStroke(1f);

    private enum Form {
        DISC,
        DIAMOND
    }

    private final Form form;
    private final double radius;

    private PointMarker(Form form, double radius) {
        this.form = form;
        this.radius = radius;
    }

    static PointMarker disc(double radius) {
        return new PointMarker(Form.DISC, radius);
    }

    static PointMarker diamond(double radius) {
        return new PointMarker(Form.DIAMOND, radius);
    }

    /** The caller's current colour fills the point; the chart-wide marker size is of no interest. */
    @Override
    public void paint(Graphics2D g, double x, double y, int chartWideSize) {
        Color fill = g.getColor();
        Shape shape = shape(x, y);
        g.fill(shape);
        g.setStroke(RIM);
        g.setColor(Palette.PAPER);
        g.draw(shape);
        g.setColor(fill);
    }

    private Shape shape(double x, double y) {
        if (form == Form.DISC) {
            return new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius);
        }
        Path2D path = new Path2D.Double();
        path.moveTo(x - radius, y);
        path.lineTo(x, y - radius);
        path.lineTo(x + radius, y);
        path.lineTo(x, y + radius);
        path.closePath();
        return path;
    }
}
