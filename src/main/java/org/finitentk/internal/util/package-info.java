/** What every package may use: files written whole or not at all, locks for closing. */
@NullMarked
package org.finitentk.internal.util;

import org.jspecify.annotations.NullMarked;
