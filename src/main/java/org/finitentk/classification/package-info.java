/**
 * Classification on a linearized network, a Bayesian linear model in weight space: inference of the weights, calibrated
 * class probabilities, and Tribuo's trainer and model around them.
 */
@NullMarked
package org.finitentk.classification;

import org.jspecify.annotations.NullMarked;
