/** Linearization bundles on disk, ours or foreign: the graphs of f, Jv and Jᵀu with a manifest. */
@NullMarked
package org.finitentk.bundle;

import org.jspecify.annotations.NullMarked;
