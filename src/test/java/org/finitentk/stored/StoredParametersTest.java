package org.finitentk.stored;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.finitentk.protos.AdaptedNetworkProto;
import org.finitentk.protos.FiniteNTKRegressionModelProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Model;
import org.tribuo.protos.core.ModelProto;

/**
 * Which tangent parameters a stored model has: those that it names, or those of the rule of the version that named
 * none.
 */
final class StoredParametersTest {
    private static final List<String> BY_POSITION = List.of("mean", "deviation", "first", "bias", "position", "last");

    @TempDir
    Path folder = Path.of("");

    private ModelProto stored(String name) throws IOException {
        return Model.deserializeFromFile(
                        StoredModels.unpack(StoredModels.versions().get(0).resolve(name + ".zip"), "model.pb", folder))
                .serialize();
    }

    private static AdaptedNetworkProto adapted(ModelProto model) throws InvalidProtocolBufferException {
        return model.getSerializedData()
                .unpack(FiniteNTKRegressionModelProto.class)
                .getAdapted();
    }

    private static ModelProto changed(ModelProto model, UnaryOperator<AdaptedNetworkProto.Builder> change)
            throws InvalidProtocolBufferException {
        FiniteNTKRegressionModelProto.Builder proto =
                model.getSerializedData().unpack(FiniteNTKRegressionModelProto.class).toBuilder();
        return model.toBuilder()
                .setSerializedData(Any.pack(proto.setAdapted(change.apply(proto.getAdaptedBuilder()))
                        .build()))
                .build();
    }

    @Test
    void modelsWithoutNamesKeepTheRuleOfTheirVersion() throws IOException {
        assertEquals(BY_POSITION, adapted(stored("regression-scaled")).getParametersList());
        assertEquals(
                List.of("first", "temperature", "offset"),
                adapted(stored("regression-scaled-include")).getParametersList());
        assertEquals(
                List.of("mean", "first", "bias", "position", "last"),
                adapted(stored("regression-scaled-exclude")).getParametersList());
        assertEquals(BY_POSITION, adapted(stored("regression-scaled-bundle")).getParametersList());
    }

    @Test
    void namesOverruleExpressionsAndRules() throws IOException {
        ModelProto model = stored("regression-scaled");
        Model<?> renamed = Model.deserialize(
                changed(model, adapted -> adapted.setInclude("offset").setExclude("first")));
        assertEquals(BY_POSITION, adapted(renamed.serialize()).getParametersList());
        assertEquals("offset", adapted(renamed.serialize()).getInclude());
    }

    @Test
    void namesThatTheNetworkLacksAreRefused() throws IOException {
        ModelProto model = changed(stored("regression-scaled"), adapted -> adapted.setParameters(2, "absent"));
        RuntimeException e = assertThrows(RuntimeException.class, () -> Model.deserialize(model));
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        assertTrue(String.valueOf(cause.getMessage()).contains("has no float initializer 'absent'"), cause.toString());
    }
}
