package org.finitentk.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.finitentk.network.Examples;
import org.finitentk.onnx.ElementType;
import org.finitentk.onnx.Tensor;
import org.finitentk.onnx.ValueInfo;

/**
 * Which input of a network is what.
 *
 * @param roles of all inputs, in the network's order
 */
record TokenInputs(Map<ValueInfo, Role> roles) {
    private enum Role {
        IDS,
        MASK,
        TYPES
    }

    /**
     * Tells inputs by their names.
     *
     * @throws IllegalArgumentException if one is none of them, or takes another length or type
     */
    static TokenInputs of(List<ValueInfo> inputs, int length) {
        Map<ValueInfo, Role> roles = new LinkedHashMap<>();
        for (ValueInfo input : inputs) {
            Role role = role(input);
            boolean fits = input.dims().size() == 2
                    && (!input.isFixed(1) || input.dim(1) == length)
                    && (input.type() == ElementType.INT64
                            || input.type() == ElementType.INT32
                            || role == Role.MASK && input.type().isDifferentiable());
            if (!fits) {
                throw new IllegalArgumentException("the network's input '" + input.name() + "' is " + input.type()
                        + input.dims() + "; expected whole numbers [n, " + length
                        + "] of token ids, their mask or their types (length of TokenTransformer is " + length + ")");
            }
            if (roles.containsValue(role)) {
                throw new IllegalArgumentException("the network's inputs "
                        + inputs.stream().map(ValueInfo::name).toList()
                        + " are not told apart by their names; expected "
                        + "one of token ids and at most one with 'mask' and one with 'type' in its name");
            }
            roles.put(input, role);
        }
        if (!roles.containsValue(Role.IDS)) {
            throw new IllegalArgumentException("the network's inputs "
                    + inputs.stream().map(ValueInfo::name).toList() + " have no token ids among them");
        }
        return new TokenInputs(roles);
    }

    private static Role role(ValueInfo input) {
        String name = input.name().toLowerCase(Locale.ROOT);
        return name.contains("mask")
                ? Role.MASK
                : name.contains("type") || name.contains("segment") ? Role.TYPES : Role.IDS;
    }

    Examples examples(TokenRows rows) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        roles.forEach((input, role) -> tensors.put(
                input.name(),
                tensor(
                        input.type(),
                        switch (role) {
                            case IDS -> rows.ids();
                            case MASK -> rows.mask();
                            case TYPES -> rows.types();
                        },
                        rows)));
        return new Examples(tensors);
    }

    private static Tensor tensor(ElementType type, long[] values, TokenRows rows) {
        long[] shape = {rows.examples(), rows.length()};
        if (type == ElementType.INT64) {
            return Tensor.ofLongs(values, shape);
        }
        if (type.isDifferentiable()) {
            double[] reals = new double[values.length];
            for (int i = 0; i < reals.length; i++) {
                reals[i] = values[i];
            }
            return Tensor.ofReals(type, reals, shape);
        }
        ByteBuffer narrow = ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            narrow.putInt((int) value);
        }
        return new Tensor(type, shape, narrow.flip());
    }
}
