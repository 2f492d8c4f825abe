package org.finitentk.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.ConfigurationData;
import com.oracle.labs.mlrg.olcut.config.property.SimpleProperty;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.WeightRule;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tribuo.Model;
import org.tribuo.data.csv.CSVDataSource;

@NullUnmarked
final class EarlierSettingsTest {
    @Test
    void whatAProvenanceLacksTakesItsEarlierMeaning() {
        ConfigurationData lacking = new ConfigurationData("backbone", OnnxBackbone.class.getName());
        EarlierSettings.complete(lacking, OnnxBackbone.class);
        assertEquals(
                new SimpleProperty(WeightRule.POSITION.name()),
                lacking.getProperties().get("weightRule"));

        ConfigurationData given = new ConfigurationData(
                "backbone", OnnxBackbone.class.getName(), Map.of("weightRule", new SimpleProperty("ANOTHER")));
        EarlierSettings.complete(given, OnnxBackbone.class);
        assertEquals(new SimpleProperty("ANOTHER"), given.getProperties().get("weightRule"));

        ConfigurationData other = new ConfigurationData("source", CSVDataSource.class.getName());
        EarlierSettings.complete(other, CSVDataSource.class);
        assertTrue(other.getProperties().isEmpty());
    }

    @Test
    void everyRowNamesASetting() {
        for (EarlierSettings.Row row : EarlierSettings.ROWS) {
            assertTrue(isSetting(row.type(), row.property()), row.toString());
        }
    }

    /** What 0.4.0 takes off of a network that 0.3.0 left whole: with it, coefficients differ by more than a tenth. */
    @Test
    void aSigmoidWhoseTwoSidesWereKeptIsKept() throws IOException, URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(
                        EarlierSettingsTest.class.getResource("/recorded/opposite-sigmoid"), "the recorded model")
                .toURI());
        try (ReproductionResult result =
                Reproduction.read(folder.resolve("model.tribuo")).reproduce(ProgressListener.NONE)) {
            assertEquals(
                    number(Model.deserializeFromFile(folder.resolve("model.tribuo"))), number(result.model()), 1e-4);
        }
    }

    private static double number(Model<?> model) {
        return Double.parseDouble(model.getProvenance()
                .getInstanceProvenance()
                .getMap()
                .get("objective")
                .toString());
    }

    @Test
    void whoeverKeptTheLastActivationKeptBothSidesOfOne() {
        List<Class<?>> last = having("lastActivation");
        assertEquals(3, last.size());
        assertEquals(last, having("oppositeSigmoid"));
    }

    private static List<Class<?>> having(String property) {
        return EarlierSettings.ROWS.stream()
                .filter(row -> row.property().equals(property))
                .<Class<?>>map(EarlierSettings.Row::type)
                .toList();
    }

    /** Of a class or of one that it extends. */
    private static boolean isSetting(@Nullable Class<?> type, String name) {
        return type != null
                && (Arrays.stream(type.getDeclaredFields())
                                .anyMatch(field ->
                                        field.getName().equals(name) && field.isAnnotationPresent(Config.class))
                        || isSetting(type.getSuperclass(), name));
    }
}
