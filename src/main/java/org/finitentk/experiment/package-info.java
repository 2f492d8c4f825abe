/**
 * Experiments that a configuration file describes and {@code run} carries out: data, source network, methods, report
 * and provenance.
 */
@NullMarked
package org.finitentk.experiment;

import org.jspecify.annotations.NullMarked;
