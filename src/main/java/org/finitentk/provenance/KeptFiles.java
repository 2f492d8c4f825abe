package org.finitentk.provenance;

import com.google.protobuf.ByteString;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.MapProvenance;
import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.FileProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.HashProvenance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.finitentk.backbone.NetworkModel;
import org.jspecify.annotations.Nullable;
import org.tribuo.Model;
import org.tribuo.ensemble.EnsembleModel;
import org.tribuo.multilabel.baseline.ClassifierChainModel;
import org.tribuo.multilabel.baseline.IndependentMultiLabelModel;
import org.tribuo.transform.TransformedModel;

/**
 * The files that a model has in it, such as a tokenizer, laid in a temporary folder for as long as what reads them is
 * configured: a model needs them nowhere else, and what lies at their recorded places now does not matter.
 */
final class KeptFiles implements AutoCloseable {
    private final Map<String, ByteString> bySha256;
    private final List<Path> written = new ArrayList<>();
    private @Nullable Path folder;

    private KeptFiles(Map<String, ByteString> bySha256) {
        this.bySha256 = bySha256;
    }

    static KeptFiles of(Model<?> model) {
        Map<String, ByteString> all = new HashMap<>();
        collect(model, all);
        return new KeptFiles(all);
    }

    /** Tribuo's models of other models, such as ensembles, keep what those keep. */
    private static void collect(Model<?> model, Map<String, ByteString> all) {
        if (model instanceof NetworkModel<?> network) {
            all.putAll(network.keptFiles());
        } else if (model instanceof EnsembleModel<?> ensemble) {
            ensemble.getModels().forEach(member -> collect(member, all));
        } else if (model instanceof TransformedModel<?> transformed) {
            collect(transformed.getInnerModel(), all);
        } else if (model instanceof IndependentMultiLabelModel several) {
            several.getModels().forEach(member -> collect(member, all));
        } else if (model instanceof ClassifierChainModel chain) {
            chain.getModels().forEach(member -> collect(member, all));
        }
    }

    /** Locations in which files inside a recorded object are these. */
    FileLocations locations(Provenance inside, FileLocations others) {
        FileLocations all = others;
        if (bySha256.isEmpty()) {
            return all;
        }
        if (inside instanceof ConfiguredObjectProvenance component) {
            for (PrimitiveProvenance<?> value : component.getInstanceValues().values()) {
                ByteString content = value instanceof HashProvenance hash
                        ? bySha256.get(hash.getValue().toLowerCase(Locale.ROOT))
                        : null;
                Path recorded = content == null ? null : onlyFile(component);
                all = content == null || recorded == null ? all : all.with(recorded, written(recorded, content));
            }
            for (Provenance value : component.getConfiguredParameters().values()) {
                all = locations(value, all);
            }
        } else if (inside instanceof ListProvenance<?> list) {
            for (Provenance value : list.getList()) {
                all = locations(value, all);
            }
        } else if (inside instanceof MapProvenance<?> map) {
            for (Provenance value : map.getMap().values()) {
                all = locations(value, all);
            }
        }
        return all;
    }

    /** Null where it is not said which of an object's files a hash is of. */
    private static @Nullable Path onlyFile(ConfiguredObjectProvenance component) {
        List<Path> files = component.getConfiguredParameters().values().stream()
                .filter(FileProvenance.class::isInstance)
                .map(file -> ((FileProvenance) file).getValue().toPath())
                .toList();
        return files.size() == 1 ? files.get(0) : null;
    }

    private Path written(Path recorded, ByteString content) {
        try {
            if (folder == null) {
                folder = Files.createTempDirectory("finitentk");
            }
            // a folder each, since names say what kind of file it is
            Path own = Files.createDirectories(folder.resolve(Integer.toString(written.size())));
            Path file = Files.write(own.resolve(recorded.getFileName()), content.toByteArray());
            written.add(file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the model's '" + recorded.getFileName() + "' cannot be laid in the folder of temporary files: "
                            + e.getMessage(),
                    e);
        }
    }

    @Override
    public void close() {
        try {
            for (Path file : written) {
                Files.deleteIfExists(file);
                Files.deleteIfExists(file.resolveSibling(""));
            }
            if (folder != null) {
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a temporary file cannot be deleted: " + e.getMessage(), e);
        }
    }
}
