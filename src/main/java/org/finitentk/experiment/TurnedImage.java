package org.finitentk.experiment;

/**
 * One image of an IDX file, to be turned about its centre.
 *
 * @param images all of the file
 * @param index which one
 */
record TurnedImage(IdxArray images, int index) {
    /** Samples in a row and in a column of a pixel, which are averaged. */
    private static final int SAMPLES = 2;

    /**
     * Turns it counterclockwise and takes the central square of side x side pixels that lies within the image whatever
     * the angle: its diagonal is the shorter side of the image. Values between pixels are bilinear.
     */
    double[] pixels(double angle, int side) {
        int height = images.sizes()[1];
        int width = images.sizes()[2];
        double step = Math.min(height, width) / Math.sqrt(2) / (side * SAMPLES);
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        double[] pixels = new double[side * side];
        for (int r = 0; r < side * SAMPLES; r++) {
            for (int c = 0; c < side * SAMPLES; c++) {
                double x = (c + 0.5 - side * SAMPLES / 2.0) * step;
                double y = (side * SAMPLES / 2.0 - r - 0.5) * step;
                // where the content came from: turned back, y upwards
                double fromX = cos * x + sin * y;
                double fromY = cos * y - sin * x;
                pixels[r / SAMPLES * side + c / SAMPLES] +=
                        at(height / 2.0 - fromY - 0.5, width / 2.0 + fromX - 0.5) / (SAMPLES * SAMPLES);
            }
        }
        return pixels;
    }

    private double at(double row, double column) {
        int r = (int) Math.floor(row);
        int c = (int) Math.floor(column);
        double down = row - r;
        double right = column - c;
        return (1 - down) * ((1 - right) * pixel(r, c) + right * pixel(r, c + 1))
                + down * ((1 - right) * pixel(r + 1, c) + right * pixel(r + 1, c + 1));
    }

    private double pixel(int row, int column) {
        int r = Math.min(Math.max(row, 0), images.sizes()[1] - 1);
        int c = Math.min(Math.max(column, 0), images.sizes()[2] - 1);
        return images.values()[(index * images.sizes()[1] + r) * images.sizes()[2] + c] & 0xff;
    }
}
