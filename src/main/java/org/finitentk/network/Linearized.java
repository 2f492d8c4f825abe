package org.finitentk.network;

/**
 * What {@link LinearizedNetwork#linearized} gives.
 *
 * @param outputs f, n·k numbers
 * @param products J v, n·k numbers
 */
@SuppressWarnings("ArrayRecordComponent") // A pair of results that nobody compares.
public record Linearized(double[] outputs, double[] products) {}
