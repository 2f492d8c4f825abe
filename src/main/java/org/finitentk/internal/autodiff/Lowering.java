package org.finitentk.internal.autodiff;

/**
 * An operator written in others, which have rules: how it is computed where a tangent flows through it. Simpler than a
 * rule; as fast where the operator is a name for several.
 */
interface Lowering {
    void apply(Rewrite node);
}
