/** What the command line does with tables: models trained on them, their rows predicted, and models tested on them. */
@NullMarked
package org.finitentk.internal.tabular;

import org.jspecify.annotations.NullMarked;
