/** Gram matrices and kernel products: per-example gradients, held or computed anew, and how they are multiplied. */
@NullMarked
package org.finitentk.internal.kernel;

import org.jspecify.annotations.NullMarked;
