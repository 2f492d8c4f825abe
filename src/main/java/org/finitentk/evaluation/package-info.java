/**
 * Scores of predictions that carry variances, as Tribuo evaluations, and everything that shows them: plots, tables as
 * text, CSV and JSON, and one self-contained HTML report of an experiment.
 */
@NullMarked
package org.finitentk.evaluation;

import org.jspecify.annotations.NullMarked;
