/** Graphs in ONNX Runtime sessions on CPU or CUDA: chunks, buffers, memory; knows nothing of Jacobians. */
@NullMarked
package org.finitentk.internal.runtime;

import org.jspecify.annotations.NullMarked;
