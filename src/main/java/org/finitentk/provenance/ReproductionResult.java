package org.finitentk.provenance;

import java.util.List;
import org.finitentk.provenance.Difference.Kind;
import org.tribuo.Model;

/**
 * A model trained again, and what differs.
 *
 * @param model the reproduction; if it is AutoCloseable, the caller closes it
 * @param files the files whose hashes were checked, none of them changed
 * @param differences everything that differs; times, versions and the host are of their own kind
 * @param contentCompared whether the original model was at hand; if not, only provenances were compared
 */
public record ReproductionResult(Model<?> model, List<RecordedFile> files, List<Difference> differences, boolean contentCompared) {
    /**
     * A result.
     *
     * @param model the reproduction
     * @param files the files whose hashes were checked
     * @param differences everything that differs
     * @param contentCompared whether the original model was at hand
     */
    public ReproductionResult {
        files = List.copyOf(files);
        differences = List.copyOf(differences);
    }

    /**
     * Whether the reproduction is the original again.
     *
     * @return true if nothing differs but the software or machine
     */
    public boolean identical() {
        return differences.stream().allMatch(difference -> difference.kind() == Kind.ENVIRONMENT);
    }
}
