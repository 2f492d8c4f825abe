/**
 * The Tribuo side of a network: which file, which parameters, and by what explicit rule Tribuo's named features and
 * outputs meet the network's input positions and outputs. Trainers share open networks through it.
 */
@NullMarked
package org.finitentk.backbone;

import org.jspecify.annotations.NullMarked;
