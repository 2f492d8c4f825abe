package org.finitentk.finetune;

/**
 * The elementwise nonlinearities that {@link NetworkBuilder} puts between layers; each is one standard ONNX operator.
 */
public enum Activation {
    /** Hyperbolic tangent. */
    TANH("Tanh"),
    /** max(x, 0). */
    RELU("Relu"),
    /** x for x ≥ 0, exp(x) − 1 below (ONNX's default α = 1). */
    ELU("Elu"),
    /** Scaled ELU with ONNX's default constants. */
    SELU("Selu"),
    /** 1 / (1 + exp(−x)). */
    SIGMOID("Sigmoid"),
    /** log(1 + exp(x)). */
    SOFTPLUS("Softplus");

    private final String operator;

    Activation(String operator) {
        this.operator = operator;
    }

    /**
     * The ONNX operator.
     *
     * @return operator type in the standard domain
     */
    public String operator() {
        return operator;
    }
}
