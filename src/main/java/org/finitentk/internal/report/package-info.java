/**
 * What shows scores: plots, tables as text, CSV and JSON, and one self-contained HTML report of an experiment or of a
 * test on a table.
 */
@NullMarked
package org.finitentk.internal.report;

import org.jspecify.annotations.NullMarked;
