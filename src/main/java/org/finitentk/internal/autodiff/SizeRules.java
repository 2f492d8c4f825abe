package org.finitentk.internal.autodiff;

/** Sizes as numbers, and constants of a size: no tangent leaves them. */
final class SizeRules {
    private SizeRules() {}

    static void register(RuleTable r) {
        r.constant("Shape", "Size", "ConstantOfShape", "Range");
    }
}
