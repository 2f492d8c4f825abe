package org.finitentk.onnx;

/**
 * By what a float constant is taken for a learned weight, where no expression includes it by name. Models and
 * provenances that do not say were made under {@link #POSITION}, the only rule of version 0.1.0, and keep it.
 */
public enum WeightRule {
    /**
     * By the input position of the operators that use it; operands of Add, Sub, Mul and Div of more than one element
     * count, whatever they are for: the rule of version 0.1.0.
     */
    POSITION,

    /** By what it does in the network, as {@link ParameterSelection} describes it. */
    ROLE;

    /** The rule of whoever asks for none. */
    public static final WeightRule DEFAULT = ROLE;
}
