/** Tables as text, from files and from pipes: their rows, what cells say, and rows made examples. */
@NullMarked
package org.finitentk.internal.table;

import org.jspecify.annotations.NullMarked;
