package org.finitentk.internal.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import org.knowm.xchart.style.markers.Marker;

/** A point that stays visible on a band and on a line of its own colour, because it has a rim of the paper's. */
final class PointMarker extends Marker {
    private static final BasicStroke RIM = new BasicStroke(1f);

    private enum Form {
        DISC,
        DIAMOND,
        SQUARE,
        TRIANGLE,
        /** Stands with its tip at the point, which is at the edge of what is shown. */
        UP,
        DOWN
    }

    private static final Form[] METHODS = {Form.DISC, Form.SQUARE, Form.TRIANGLE, Form.DIAMOND};

    private final Form form;
    private final double radius;
    private final Color rim;

    private PointMarker(Form form, double radius, Palette palette) {
        this.form = form;
        this.radius = radius;
        this.rim = palette.page().paper();
    }

    static PointMarker disc(double radius, Palette palette) {
        return new PointMarker(Form.DISC, radius, palette);
    }

    static PointMarker diamond(double radius, Palette palette) {
        return new PointMarker(Form.DIAMOND, radius, palette);
    }

    /** The form of a method: neighbours differ in more than their colours. */
    static PointMarker method(int index, double radius, Palette palette) {
        return new PointMarker(METHODS[index % METHODS.length], radius, palette);
    }

    /** An arrow to what lies beyond the upper or lower edge. */
    static PointMarker beyond(boolean above, double radius, Palette palette) {
        return new PointMarker(above ? Form.UP : Form.DOWN, radius, palette);
    }

    /** The caller's current colour fills the point; the chart-wide marker size is of no interest. */
    @Override
    public void paint(Graphics2D g, double x, double y, int chartWideSize) {
        Color fill = g.getColor();
        Shape shape = shape(x, y);
        g.fill(shape);
        g.setStroke(RIM);
        g.setColor(rim);
        g.draw(shape);
        g.setColor(fill);
    }

    private Shape shape(double x, double y) {
        double[] corners = corners(form);
        if (corners.length == 0) {
            return new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius);
        }
        Path2D path = new Path2D.Double();
        path.moveTo(x + radius * corners[0], y + radius * corners[1]);
        for (int i = 2; i < corners.length; i += 2) {
            path.lineTo(x + radius * corners[i], y + radius * corners[i + 1]);
        }
        path.closePath();
        return path;
    }

    /** Corners in units of the radius, x before y; a disc has none. */
    private static double[] corners(Form form) {
        return switch (form) {
            case DISC -> new double[0];
            case DIAMOND -> new double[] {-1, 0, 0, -1, 1, 0, 0, 1};
            case SQUARE -> new double[] {-0.85, -0.85, 0.85, -0.85, 0.85, 0.85, -0.85, 0.85};
            case TRIANGLE -> new double[] {-1, 0.8, 0, -1, 1, 0.8};
            case UP -> new double[] {-1, 2, 0, 0, 1, 2};
            case DOWN -> new double[] {-1, -2, 0, 0, 1, -2};
        };
    }
}
