/**
 * The finite-width neural tangent kernel of a network: Gram blocks from structured derivatives, the diagonal, and the
 * choice of algorithm by cost.
 */
@NullMarked
package org.finitentk.kernel;

import org.jspecify.annotations.NullMarked;
