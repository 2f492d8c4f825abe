/** How to use tribuo-finite-ntk from Java. */
@NullMarked
package org.finitentk.examples;

import org.jspecify.annotations.NullMarked;
