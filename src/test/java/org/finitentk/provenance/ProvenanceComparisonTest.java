package org.finitentk.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.MapProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.IntProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.finitentk.internal.util.ProjectVersion;
import org.finitentk.provenance.ReproductionResult.Difference.Kind;
import org.junit.jupiter.api.Test;

class ProvenanceComparisonTest {
    private record Recorded(String className, Map<String, Provenance> values) implements ObjectProvenance {
        @Override
        public String getClassName() {
            return className;
        }

        @Override
        public Iterator<Pair<String, Provenance>> iterator() {
            List<Pair<String, Provenance>> pairs = new ArrayList<>();
            values.forEach((key, value) -> pairs.add(new Pair<>(key, value)));
            return pairs.iterator();
        }
    }

    private static ObjectProvenance model(Map<String, String> findings) {
        Map<String, Provenance> values = new TreeMap<>();
        findings.forEach((key, value) -> values.put(key, new StringProvenance(key, value)));
        return new Recorded("model", Map.of("instance-values", new MapProvenance<>(values)));
    }

    private static Map<String, Kind> kinds(ObjectProvenance original, ObjectProvenance reproduced) {
        Map<String, Kind> kinds = new TreeMap<>();
        ProvenanceComparison.compare(original, reproduced, FileLocations.AS_RECORDED)
                .forEach(difference -> kinds.put(difference.where(), difference.kind()));
        return kinds;
    }

    @Test
    void findingsThatAnEarlierVersionDidNotRecordAreNoDifference() {
        ObjectProvenance now =
                model(Map.of("finite-ntk-version", ProjectVersion.current(), "solver", "DENSE", "clipped", "0"));
        assertEquals(
                Map.of(
                        "instance-values.clipped",
                        Kind.ENVIRONMENT,
                        "instance-values.finite-ntk-version",
                        Kind.ENVIRONMENT),
                kinds(model(Map.of("solver", "DENSE")), now));
        assertEquals(
                Map.of(
                        "instance-values.clipped",
                        Kind.ENVIRONMENT,
                        "instance-values.finite-ntk-version",
                        Kind.ENVIRONMENT,
                        "instance-values.solver",
                        Kind.PROVENANCE),
                kinds(model(Map.of("solver", "ITERATIVE", "finite-ntk-version", "0.1.1")), now));
        assertEquals(
                Map.of("instance-values.clipped", Kind.PROVENANCE),
                kinds(model(Map.of("solver", "DENSE", "finite-ntk-version", ProjectVersion.current())), now));
        assertEquals(
                Map.of(
                        "instance-values.gone",
                        Kind.PROVENANCE,
                        "instance-values.clipped",
                        Kind.ENVIRONMENT,
                        "instance-values.finite-ntk-version",
                        Kind.ENVIRONMENT),
                kinds(model(Map.of("solver", "DENSE", "gone", "1")), now));
    }

    private static ObjectProvenance model(String reason, Map<String, Integer> settings, int rows) {
        Map<String, Provenance> trainer = new TreeMap<>();
        settings.forEach((key, value) -> trainer.put(key, new IntProvenance(key, value)));
        return new Recorded(
                "model",
                Map.of(
                        "solver-reason",
                        new StringProvenance("solver-reason", reason),
                        "trainer",
                        new Recorded("trainer", trainer),
                        "rows",
                        new IntProvenance("rows", rows)));
    }

    @Test
    void whatAnotherVersionOrMachineSaysIsNoOtherModel() {
        ObjectProvenance old = model("about 1 s", Map.of("a", 1, "gone", 2), 10);
        Map<String, Kind> kinds = kinds(old, model("about 2 s", Map.of("a", 1, "b", 3), 11));
        assertEquals(
                Map.of(
                        "rows",
                        Kind.PROVENANCE,
                        "solver-reason",
                        Kind.ENVIRONMENT,
                        "trainer.b",
                        Kind.ENVIRONMENT,
                        "trainer.gone",
                        Kind.PROVENANCE),
                kinds);
    }

    @Test
    void aNewSettingOfAMembersTrainerIsNoOtherEnsemble() {
        ObjectProvenance old = ensemble(model("", Map.of("a", 1), 10));
        ObjectProvenance now = ensemble(model("", Map.of("a", 2, "b", 3), 10));
        assertEquals(
                Map.of(
                        "member-provenance[0].trainer.a",
                        Kind.PROVENANCE,
                        "member-provenance[0].trainer.b",
                        Kind.ENVIRONMENT),
                kinds(old, now));
    }

    private static ObjectProvenance ensemble(ObjectProvenance member) {
        return new Recorded("ensemble", Map.of("member-provenance", new ListProvenance<>(List.of(member))));
    }
}
