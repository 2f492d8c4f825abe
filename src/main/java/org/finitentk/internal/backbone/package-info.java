/**
 * What trainers and models of networks share: a dataset as an open network takes it, and which output is which name.
 */
@NullMarked
package org.finitentk.internal.backbone;

import org.jspecify.annotations.NullMarked;
