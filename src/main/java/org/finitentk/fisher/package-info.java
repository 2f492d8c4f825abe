/**
 * Products of the Fisher information of a network's parameters with vectors: exact ones, and finite differences of the
 * gradient of a Kullback-Leibler divergence.
 */
@NullMarked
package org.finitentk.fisher;

import org.jspecify.annotations.NullMarked;
