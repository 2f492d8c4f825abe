package org.finitentk.internal.autodiff;

/** The derivative of one operator: emits nodes that are linear in the input tangents. */
interface JvpRule {
    void apply(Jvp node);
}
