/** Scores of predictions that carry variances or probabilities, as Tribuo evaluations. */
@NullMarked
package org.finitentk.evaluation;

import org.jspecify.annotations.NullMarked;
