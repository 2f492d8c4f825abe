package org.finitentk.finetune;

/** Which of a backbone's selected parameters fine-tuning moves. */
public enum TrainedParameters {
    /** All of them. */
    ALL,
    /**
     * Those of the network's last layer: walking back from the first output, all up to the first node that contracts
     * activations with weights, on every path.
     */
    LAST_LAYER,
    /**
     * None: the network as it is, to be compared with; its residual variance is then one of data that it was not fitted
     * to.
     */
    NONE,
    /**
     * None of the network's own: its logits are divided by the temperature that makes the training labels most
     * probable, for classification.
     */
    TEMPERATURE,
    /**
     * None of the network's own: its only logit is multiplied by a number and another is added, which make the training
     * labels most probable (Platt 1999), for two labels.
     */
    PLATT
}
