/**
 * The engine of linearized networks: f, Jv, Jᵀu and per-example gradients by ONNX Runtime on CPU or CUDA, chunked, with
 * native resources released.
 */
@NullMarked
package org.finitentk.internal.network;

import org.jspecify.annotations.NullMarked;
