/** Tribuo's labels and dimensions as names and numbers in the order of a network's outputs. */
@NullMarked
package org.finitentk.internal.tribuo;

import org.jspecify.annotations.NullMarked;
