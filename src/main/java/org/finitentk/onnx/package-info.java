/**
 * ONNX graphs as plain immutable values: reading them with limits and clear refusals, bringing every opset into one
 * form, inferring shapes with a dynamic batch, choosing the tangent parameters, and writing graphs. No runtime.
 */
@NullMarked
package org.finitentk.onnx;

import org.jspecify.annotations.NullMarked;
