package org.finitentk.bundle;

import java.util.Map;
import org.finitentk.internal.network.Product;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.ParameterSelection;

/** Bundles whose graphs are not what their manifest says. */
public final class SpoiledBundle {
    private SpoiledBundle() {}

    /** The network of a bundle with other graphs. */
    public static LinearizedNetwork open(LinearizationBundle good, Map<Product, Graph> graphs) {
        return new LinearizationBundle(good.manifest(), graphs)
                .open(ParameterSelection.DEFAULT, ExecutionSettings.DEFAULT);
    }
}
