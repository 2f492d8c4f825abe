package org.finitentk.onnx;

/** How an output [n, T, d], such as the hidden states of a transformer, becomes one row an example. */
public enum Pooling {
    /** The output as it is; its elements are the outputs of an example. */
    NONE,
    /** The mean over the T positions. */
    MEAN,
    /** The mean over the positions weighted by a mask, an input [n, T] that is 0 where there is only padding. */
    MASKED_MEAN,
    /** The first position, where many transformers have the token of the whole text. */
    FIRST,
    /** The last position. */
    LAST
}
