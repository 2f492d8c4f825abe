package org.finitentk.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.ConfigurationData;
import com.oracle.labs.mlrg.olcut.config.property.SimpleProperty;
import java.util.Arrays;
import java.util.Map;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.onnx.WeightRule;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tribuo.data.csv.CSVDataSource;

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

    /** Of a class or of one that it extends. */
    private static boolean isSetting(@Nullable Class<?> type, String name) {
        return type != null
                && (Arrays.stream(type.getDeclaredFields())
                                .anyMatch(field ->
                                        field.getName().equals(name) && field.isAnnotationPresent(Config.class))
                        || isSetting(type.getSuperclass(), name));
    }
}
