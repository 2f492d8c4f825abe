package org.finitentk.regression;

/** How the iterative solver computes variances. The other solvers' are always EXACT, up to rounding. */
public enum VarianceMethod {
    /**
     * One solve for each row of new examples, to the solver's tolerance; the error that it leaves is bounded as well.
     */
    EXACT,
    /**
     * From a subspace that is built once (Pleiss et al. 2018, "LOVE"): variances are never too small, and by how much
     * they may be too large is computed with each.
     */
    CACHED
}
