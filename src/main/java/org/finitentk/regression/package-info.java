/**
 * Gaussian process regression on a network's tangent kernel: the posterior itself, and Tribuo's trainer and model
 * around it.
 */
@NullMarked
package org.finitentk.regression;

import org.jspecify.annotations.NullMarked;
