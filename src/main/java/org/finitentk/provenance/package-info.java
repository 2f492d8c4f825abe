/**
 * Rebuilding a Tribuo model from what its provenance records: which trainer, which settings, which data, which earlier
 * calls. Recorded hashes of data and networks are checked first, so that a changed file is named instead of giving
 * another model.
 */
@NullMarked
package org.finitentk.provenance;

import org.jspecify.annotations.NullMarked;
