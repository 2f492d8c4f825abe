package org.finitentk.classification;

import org.finitentk.network.Examples;

/**
 * The logits m(x) before anything was learned.
 *
 * @param kind ZERO, FREQUENCIES or NETWORK
 * @param constants C numbers; zeros unless the kind is FREQUENCIES
 */
record PriorMean(PriorLogits kind, double[] constants) {
    static PriorMean of(PriorLogits asked, LogitMap map, LabelTargets targets) {
        boolean equal = map.classes() == map.network().outputSize();
        PriorLogits kind = asked != PriorLogits.AUTO
                ? asked
                : equal && !map.isShared() ? PriorLogits.NETWORK : PriorLogits.FREQUENCIES;
        if (kind == PriorLogits.NETWORK && !equal) {
            throw new IllegalArgumentException("the prior logits are NETWORK, but the data has " + map.classes()
                    + " classes and the network " + map.network().outputSize()
                    + " outputs; expected as many of each, or prior logits FREQUENCIES or ZERO");
        }
        double[] constants = kind == PriorLogits.FREQUENCIES ? targets.frequencies() : new double[map.classes()];
        return new PriorMean(kind, constants);
    }

    /** m, n × C. */
    double[] of(LogitMap map, Examples x) {
        if (kind == PriorLogits.NETWORK) {
            return map.network().requireFinite(map.network().forward(x), x);
        }
        double[] logits = new double[Math.multiplyExact(x.size(), constants.length)];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = constants[i % constants.length];
        }
        return logits;
    }
}
