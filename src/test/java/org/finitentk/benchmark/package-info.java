/**
 * Mains that time the project, next to its peers where these are installed. They are no tests: timings depend on the
 * machine.
 */
@NullMarked
package org.finitentk.benchmark;

import org.jspecify.annotations.NullMarked;
