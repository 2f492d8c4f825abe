package org.finitentk.internal.tribuo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.config.ConfigurationData;
import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.config.PropertyException;
import com.oracle.labs.mlrg.olcut.config.property.Property;
import com.oracle.labs.mlrg.olcut.config.property.SimpleProperty;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.classification.FiniteNTKClassificationTrainer;
import org.finitentk.finetune.Adam;
import org.finitentk.finetune.FineTuningClassificationTrainer;
import org.finitentk.finetune.FineTuningRegressionTrainer;
import org.finitentk.finetune.StochasticGradientDescent;
import org.finitentk.regression.FiniteNTKRegressionTrainer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A number that is out of range is blamed on the property that has it, whichever of all it is. */
final class ConfiguredTest {
    /** Every number of these classes has a range, but for these. */
    private static final Set<String> FREE = Set.of("seed", "firstNumber");

    private static final Map<String, String> IMPOSSIBLE = Map.of("quadratureDraws", "3", "sharedOutput", "first");

    private record Case(Class<? extends Configurable> type, String property, String value) {
        @Override
        public String toString() {
            return type.getSimpleName() + " " + property + "=" + value;
        }
    }

    private static Stream<Case> cases() {
        return Stream.of(
                        OnnxBackbone.class,
                        FiniteNTKRegressionTrainer.class,
                        FiniteNTKClassificationTrainer.class,
                        FineTuningRegressionTrainer.class,
                        FineTuningClassificationTrainer.class,
                        Adam.class,
                        StochasticGradientDescent.class,
                        configurable("FineTuningMethod"),
                        configurable("SourceTraining"))
                .flatMap(type -> properties(type).stream()
                        .map(property -> new Case(type, property, IMPOSSIBLE.getOrDefault(property, "-1"))));
    }

    /** Of the experiments, whose classes are made from configurations only. */
    private static Class<? extends Configurable> configurable(String name) {
        try {
            return Class.forName("org.finitentk.experiment." + name).asSubclass(Configurable.class);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static Set<String> properties(Class<?> type) {
        Set<String> properties = new TreeSet<>();
        for (Class<?> declaring = type; declaring != null; declaring = declaring.getSuperclass()) {
            for (Field field : declaring.getDeclaredFields()) {
                boolean number = field.getType().isPrimitive() && field.getType() != boolean.class;
                if (field.isAnnotationPresent(Config.class)
                        && (number || IMPOSSIBLE.containsKey(field.getName()))
                        && !FREE.contains(field.getName())) {
                    properties.add(field.getName());
                }
            }
        }
        return properties;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void ownFieldsAreBlamed(Case wrong) {
        Map<String, Property> properties = new HashMap<>(Map.of(wrong.property(), new SimpleProperty(wrong.value())));
        List<ConfigurationData> components = new ArrayList<>();
        for (Class<?> declaring = wrong.type(); declaring != null; declaring = declaring.getSuperclass()) {
            for (Field field : declaring.getDeclaredFields()) {
                Config config = field.getAnnotation(Config.class);
                if (config != null && config.mandatory()) {
                    properties.put(field.getName(), new SimpleProperty(field.getName()));
                    if (field.getType() == OnnxBackbone.class) {
                        components.add(component(
                                field.getName(), OnnxBackbone.class, Map.of("path", new SimpleProperty("net.onnx"))));
                    }
                }
            }
        }
        components.add(component("wrong", wrong.type(), properties));
        ConfigurationManager configuration = new ConfigurationManager();
        configuration.addConfiguration(components);
        PropertyException refusal =
                assertThrows(PropertyException.class, () -> configuration.lookup("wrong"), wrong.toString());
        assertEquals(wrong.property(), refusal.getProperty());
        assertTrue(String.valueOf(refusal.getMessage()).contains(wrong.value()), refusal.getMessage());
    }

    private static ConfigurationData component(String name, Class<?> type, Map<String, Property> properties) {
        return new ConfigurationData(name, type.getName(), properties);
    }
}
