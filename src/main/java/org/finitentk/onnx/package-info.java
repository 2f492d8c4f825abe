/** ONNX graphs as plain immutable values: their parts, which constants are to be parameters, names, writing files. */
@NullMarked
package org.finitentk.onnx;

import org.jspecify.annotations.NullMarked;
