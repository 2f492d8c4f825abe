/**
 * Training and fine-tuning of ONNX networks without Python: fresh networks with seeded initial weights, losses,
 * optimizers, a training loop over any network that can be differentiated, and Tribuo trainers on top of it. It is how
 * source networks are made here and the baseline that closed-form adaptation is compared with.
 */
@NullMarked
package org.finitentk.finetune;

import org.jspecify.annotations.NullMarked;
