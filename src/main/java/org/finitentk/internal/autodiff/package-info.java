/**
 * Automatic differentiation from ONNX to ONNX: a JVP rule per operator emits standard nodes that are linear in the
 * tangents, a transpose rule per linear operator turns them round, and reverse mode is never written by hand (the
 * structure of JAX: Frostig, Johnson, Leary, "Compiling machine learning programs via high-level tracing", 2018; Radul
 * et al., "You only linearize once", POPL 2023).
 */
@NullMarked
package org.finitentk.internal.autodiff;

import org.jspecify.annotations.NullMarked;
