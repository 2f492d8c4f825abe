/** Stored forms: how numbers, examples and models become protobuf messages, and the checks of what is read. */
@NullMarked
package org.finitentk.internal.store;

import org.jspecify.annotations.NullMarked;
