/**
 * Linearized networks: examples, how a network runs, and f, Jv and Jᵀu of examples. The engine that runs them is
 * internal.
 */
@NullMarked
package org.finitentk.network;

import org.jspecify.annotations.NullMarked;
