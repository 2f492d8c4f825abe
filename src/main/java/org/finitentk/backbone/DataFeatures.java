package org.finitentk.backbone;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.FeatureMap;
import org.tribuo.hash.HashedFeatureMap;

/**
 * The feature names of a training set. Its feature map may have names of other data (a fold's has those of the whole
 * set), and sources that leave out zeros give examples different features, so the examples themselves tell which names
 * occur.
 *
 * @param domain names of the feature map, in its order
 * @param occurring names that at least one example has
 * @param always names that every example has
 */
record DataFeatures(List<String> domain, Set<String> occurring, Set<String> always) {
    /**
     * Looks at every example.
     *
     * @throws IllegalArgumentException if names are hashed
     */
    static DataFeatures of(Dataset<?> data) {
        FeatureMap map = data.getFeatureMap();
        if (map instanceof HashedFeatureMap) {
            throw new IllegalArgumentException(
                    "the data's feature names are hashed, as Tribuo's HashingTrainer does it, and hashes "
                            + "do not tell which element of the network's"
                            + " input a feature is; train with the names themselves, without HashingTrainer");
        }
        return look(data);
    }

    /** Looks at every example, whatever its features are called. */
    static DataFeatures look(Dataset<?> data) {
        Map<String, Presence> seen = new HashMap<>();
        int n = 0;
        for (Example<?> example : data) {
            for (Feature feature : example) {
                seen.computeIfAbsent(feature.getName(), name -> new Presence()).in(n);
            }
            n++;
        }
        Set<String> always = new HashSet<>();
        for (Map.Entry<String, Presence> feature : seen.entrySet()) {
            if (feature.getValue().examples == n) {
                always.add(feature.getKey());
            }
        }
        return new DataFeatures(new ArrayList<>(data.getFeatureMap().keySet()), seen.keySet(), always);
    }

    /** Counts an example once, however often a feature is in it. */
    private static final class Presence {
        private int examples;
        private int last = -1;

        void in(int example) {
            if (example != last) {
                examples++;
                last = example;
            }
        }
    }
}
