package org.finitentk.internal.network;

/** What a graph of a linearized network computes. */
public enum Product {
    /** x → f. */
    FORWARD("f", "", 8),
    /** x, tangent → f, jv. */
    JVP("jv", "tangent", 8),
    /** x, cotangent → f, vjp. */
    VJP("vjp", "cotangent", 24);

    private final String output;
    private final String vector;
    private final int cachedMebibytes;

    Product(String output, String vector, int cachedMebibytes) {
        this.output = output;
        this.vector = vector;
        this.cachedMebibytes = cachedMebibytes;
    }

    /**
     * The name of the product's output; the network's output keeps its own name.
     *
     * @return the same in all graphs
     */
    public String output() {
        return output;
    }

    /**
     * The name of the input that is multiplied.
     *
     * @return the same in all graphs; empty for f
     */
    public String vector() {
        return vector;
    }

    /**
     * How much a chunk may need before its values leave the caches, as measured on ResNet-14 (8 to 16 images are best)
     * and a 5-200-2000-200-1 network (128 to 512 rows). What is kept for the way back is out of use most of the time,
     * so that a vjp may need more.
     */
    long cachedBytes() {
        return (long) cachedMebibytes << 20;
    }
}
