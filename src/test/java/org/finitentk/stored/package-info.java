/** Models and provenances that earlier versions stored: they load, predict and are reproduced ever after. */
@NullMarked
package org.finitentk.stored;

import org.jspecify.annotations.NullMarked;
