/**
 * Whether a linearized network computes what it should: f, Jv, Jᵀu and Gram matrices against differences and each
 * other.
 */
@NullMarked
package org.finitentk.check;

import org.jspecify.annotations.NullMarked;
