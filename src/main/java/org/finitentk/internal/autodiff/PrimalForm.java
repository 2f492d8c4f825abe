package org.finitentk.internal.autodiff;

import org.finitentk.onnx.Node;

/**
 * How an operator is computed where it is differentiated, if its derivative needs more than the operator's own output.
 */
interface PrimalForm {
    /**
     * Adds nodes that compute the node's outputs.
     *
     * @return the node for the JVP rule to see; outputs beyond the operator's own are what the form made for the
     *     derivative
     */
    Node add(Node node, Algebra algebra);
}
