package org.finitentk.network;

/** What a graph of a linearized network computes. */
enum Product {
    /** x → f. */
    FORWARD("f", ""),
    /** x, tangent → f, jv. */
    JVP("jv", "tangent"),
    /** x, cotangent → f, vjp. */
    VJP("vjp", "cotangent");

    private final String output;
    private final String vector;

    Product(String output, String vector) {
        this.output = output;
        this.vector = vector;
    }

    /** The name of the product's output; the network's output keeps its own name. */
    String output() {
        return output;
    }

    /** The name of the input that is multiplied. */
    String vector() {
        return vector;
    }
}
