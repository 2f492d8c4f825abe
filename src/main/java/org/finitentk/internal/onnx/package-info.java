/**
 * Graphs for our own packages: reading and normalizing files, shapes, building graphs, what each operator does with its
 * inputs, and which constants are weights.
 */
@NullMarked
package org.finitentk.internal.onnx;

import org.jspecify.annotations.NullMarked;
