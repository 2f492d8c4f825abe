/** What scores are called, what is good of them and how they are written, in evaluations and in reports. */
@NullMarked
package org.finitentk.internal.scores;

import org.jspecify.annotations.NullMarked;
