package org.finitentk.regression;

import java.util.IdentityHashMap;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.regression.Regressor;

/** Examples that are in a dataset several times, as in a bootstrap's view. */
final class SameExamples {
    private SameExamples() {}

    /** For each example the position of the first one that is the same object. */
    static int[] of(Dataset<Regressor> examples) {
        IdentityHashMap<Example<Regressor>, Integer> first = new IdentityHashMap<>();
        int[] same = new int[examples.size()];
        for (int i = 0; i < same.length; i++) {
            Integer known = first.putIfAbsent(examples.getExample(i), i);
            same[i] = known == null ? i : known;
        }
        return same;
    }
}
