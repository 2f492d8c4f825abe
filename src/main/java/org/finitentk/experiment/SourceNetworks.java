package org.finitentk.experiment;

import java.nio.file.Path;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.ProgressListener;
import org.tribuo.Dataset;
import org.tribuo.regression.Regressor;

/**
 * The networks of one task, each in a file.
 *
 * @param trained what the methods adapt
 * @param untrained the same at its initial weights
 */
record SourceNetworks(OnnxBackbone trained, OnnxBackbone untrained) {
    /** Names the files; threads are the networks', 0 for all cores. */
    static SourceNetworks at(Path trained, Path untrained, int threads) {
        return new SourceNetworks(backbone(trained, threads), backbone(untrained, threads));
    }

    private static OnnxBackbone backbone(Path file, int threads) {
        return OnnxBackbone.builder(file)
                .sortedFeatures()
                .executionSettings(ExecutionSettings.DEFAULT.withThreads(threads))
                .build();
    }

    /** Trains the network on the rows and writes both files. */
    SourceNetworks make(SourceTraining source, Dataset<Regressor> rows, ProgressListener progress) {
        source.writeInitial(rows.getFeatureMap().size(), untrained);
        source.train(rows, trained, progress);
        return this;
    }

    OnnxBackbone of(SourceNetwork kind) {
        return kind == SourceNetwork.TRAINED ? trained : untrained;
    }
}
