package org.finitentk.classification;

/** Makes the system of some sites by the solver that was chosen. */
@FunctionalInterface
interface SiteFactory {
    SiteSystem system(double lambda, SitePrecision sites);
}
