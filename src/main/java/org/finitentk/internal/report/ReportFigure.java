package org.finitentk.internal.report;

/**
 * A plot of a report.
 *
 * @param fileName what its files are called, without ending
 * @param heading what stands above it
 * @param caption what it shows and how to read it
 * @param plot the plot
 */
record ReportFigure(String fileName, String heading, String caption, Plot plot) {}
