package org.finitentk.internal.report;

import org.knowm.xchart.XYChart;

/** A chart of a plot, and what stands above it; the plot writes that itself, so that titles of a row are in line. */
record TitledChart(String title, XYChart chart) {}
