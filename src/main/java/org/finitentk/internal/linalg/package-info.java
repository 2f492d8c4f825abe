/** Dense linear algebra in float64 on OpenBLAS; matrices are row-major {@code double[]}. */
@NullMarked
package org.finitentk.internal.linalg;

import org.jspecify.annotations.NullMarked;
