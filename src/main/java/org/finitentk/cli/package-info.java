/** The command line: one class a subcommand, arrays as {@code .npy} files, one sentence for every refusal. */
@NullMarked
package org.finitentk.cli;

import org.jspecify.annotations.NullMarked;
