package org.finitentk.internal.tabular;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.regression.Regressor;

/** What a trainer learns, by the declaration of its class. */
final class TrainedOutputs {
    private TrainedOutputs() {}

    /** AUTO for a trainer of any outputs, such as a bagging one. */
    static Task of(Trainer<?> trainer) {
        Type output = output(trainer.getClass(), new HashMap<>());
        if (output == Regressor.class) {
            return Task.REGRESSION;
        }
        if (output == MultiLabel.class) {
            return Task.MULTI_LABEL;
        }
        return output == Label.class ? Task.CLASSIFICATION : Task.AUTO;
    }

    /** What stands for Trainer's T above a type, some of whose ancestors' variables are known. */
    private static @Nullable Type output(@Nullable Type type, Map<Type, Type> known) {
        if (type instanceof ParameterizedType parameterized && parameterized.getRawType() instanceof Class<?> raw) {
            TypeVariable<?>[] variables = raw.getTypeParameters();
            Type[] arguments = parameterized.getActualTypeArguments();
            for (int i = 0; i < variables.length; i++) {
                known.put(variables[i], known.getOrDefault(arguments[i], arguments[i]));
            }
            return raw == Trainer.class ? known.get(variables[0]) : above(raw, known);
        }
        return type instanceof Class<?> raw ? above(raw, known) : null;
    }

    private static @Nullable Type above(Class<?> raw, Map<Type, Type> known) {
        Type found = output(raw.getGenericSuperclass(), known);
        for (Type above : raw.getGenericInterfaces()) {
            found = found != null ? found : output(above, known);
        }
        return found;
    }
}
