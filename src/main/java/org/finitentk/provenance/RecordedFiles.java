package org.finitentk.provenance;

import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.MapProvenance;
import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil.HashType;
import com.oracle.labs.mlrg.olcut.provenance.primitives.HashProvenance;
import java.io.File;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.backbone.OnnxBackboneProvenance;
import org.finitentk.network.ProgressListener;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.provenance.ReproductionResult.RecordedFile;

/** Hashes the files of data sources and backbones again, the way they were hashed when they were recorded. */
final class RecordedFiles {
    private static final String SUFFIX = "resource-hash";

    private RecordedFiles() {}

    static List<RecordedFile> check(Components components, ProgressListener progress) {
        List<ConfiguredObjectProvenance> all = components.all();
        List<RecordedFile> files = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            progress.progress("check files", i, all.size());
            ConfiguredObjectProvenance component = all.get(i);
            if (component instanceof OnnxBackboneProvenance backbone) {
                backbone(components, backbone).ifPresent(files::add);
            } else {
                data(component, components.locations(), files);
            }
        }
        progress.progress("check files", all.size(), all.size());
        return List.copyOf(files);
    }

    /**
     * A backbone's hash covers its external data, so the backbone takes it itself; one that cannot be made since other
     * files are missing or have changed, such as its tokenizer, is left to these.
     */
    private static Optional<RecordedFile> backbone(Components components, OnnxBackboneProvenance recorded) {
        OnnxBackbone backbone;
        try {
            backbone = components.lookup(recorded, OnnxBackbone.class);
        } catch (NotReproducibleException e) {
            List<RecordedFile> others = new ArrayList<>();
            components.all().forEach(other -> data(other, components.locations(), others));
            if (others.stream().anyMatch(RecordedFile::changed)) {
                return Optional.empty();
            }
            throw e;
        }
        String found;
        try {
            found = backbone.path().toFile().exists() ? backbone.getProvenance().sha256() : RecordedFile.MISSING;
        } catch (InvalidModelException e) {
            found = "that of no usable network (" + e.getMessage() + ")";
        }
        return Optional.of(new RecordedFile(
                recorded.getClassName(), backbone.path().toString(), HashType.SHA256.name, recorded.sha256(), found));
    }

    /**
     * Of components that are used where the data that they were recorded with need not be there.
     *
     * @throws NotReproducibleException if a file is missing or has changed
     */
    static void requireUnchanged(Provenance inside, FileLocations locations) {
        if (inside instanceof ConfiguredObjectProvenance component) {
            List<RecordedFile> files = new ArrayList<>();
            data(component, locations, files);
            files.stream().filter(RecordedFile::changed).forEach(file -> {
                throw new NotReproducibleException(file.complaint());
            });
            component.getConfiguredParameters().values().forEach(value -> requireUnchanged(value, locations));
        } else if (inside instanceof ListProvenance<?> list) {
            list.forEach(value -> requireUnchanged(value, locations));
        } else if (inside instanceof MapProvenance<?> map) {
            map.getMap().values().forEach(value -> requireUnchanged(value, locations));
        }
    }

    private static void data(ConfiguredObjectProvenance component, FileLocations locations, List<RecordedFile> files) {
        for (Map.Entry<String, PrimitiveProvenance<?>> value :
                component.getInstanceValues().entrySet()) {
            if (value.getValue() instanceof HashProvenance hash
                    && value.getKey().endsWith(SUFFIX)) {
                List<URL> candidates = candidates(
                        component,
                        value.getKey()
                                .substring(0, value.getKey().length() - SUFFIX.length())
                                .replace("-", ""),
                        locations);
                if (!candidates.isEmpty()) {
                    files.add(check(component, hash, candidates));
                }
            }
        }
    }

    /**
     * The files that a hash may belong to: "features-resource-hash" belongs to featuresPath, "resource-hash" to any
     * file.
     */
    private static List<URL> candidates(ConfiguredObjectProvenance component, String prefix, FileLocations locations) {
        List<URL> candidates = new ArrayList<>();
        for (Map.Entry<String, Provenance> value : new TreeMap<>(component.getConfiguredParameters()).entrySet()) {
            if (value.getKey().startsWith(prefix)) {
                URL now = locations.now(value.getValue());
                if (now != null) {
                    candidates.add(now);
                }
            }
        }
        return candidates;
    }

    private static RecordedFile check(ConfiguredObjectProvenance component, HashProvenance hash, List<URL> candidates) {
        String found = RecordedFile.MISSING;
        for (URL candidate : candidates) {
            for (String now : hashes(hash.getType(), candidate)) {
                if (now.equals(hash.getValue())) {
                    return new RecordedFile(
                            component.getClassName(), name(candidate), hash.getType().name, hash.getValue(), now);
                }
                found = now;
            }
        }
        return new RecordedFile(
                component.getClassName(), name(candidates.get(0)), hash.getType().name, hash.getValue(), found);
    }

    /**
     * OLCUT hashes what is inside a compressed file when it is given a path, but the file as it is when it is given a
     * URL.
     */
    private static List<String> hashes(HashType type, URL url) {
        if (!url.getProtocol().equals("file")) {
            return List.of(ProvenanceUtil.hashResource(type, url));
        }
        File file = FileLocations.file(url);
        return file.isFile() && file.canRead()
                ? List.of(ProvenanceUtil.hashResource(type, url), ProvenanceUtil.hashResource(type, file))
                : List.of();
    }

    private static String name(URL url) {
        return url.getProtocol().equals("file") ? FileLocations.file(url).getPath() : url.toString();
    }
}
