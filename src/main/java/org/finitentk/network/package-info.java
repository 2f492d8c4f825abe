/**
 * Running linearized networks: f, Jv and Jᵀu by ONNX Runtime on CPU or CUDA, chunked, with native resources released;
 * bundles on disk.
 */
@NullMarked
package org.finitentk.network;

import org.jspecify.annotations.NullMarked;
