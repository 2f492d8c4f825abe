package org.finitentk.provenance;

import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.IntProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tribuo.ConfigurableDataSource;
import org.tribuo.DataSource;
import org.tribuo.Dataset;
import org.tribuo.ImmutableDataset;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.dataset.DatasetView;
import org.tribuo.dataset.DatasetView.DatasetViewProvenance;
import org.tribuo.dataset.MinimumCardinalityDataset;
import org.tribuo.dataset.MinimumCardinalityDataset.MinimumCardinalityDatasetProvenance;
import org.tribuo.datasource.AggregateDataSource;
import org.tribuo.datasource.AggregateDataSource.AggregateDataSourceProvenance;
import org.tribuo.datasource.AggregateDataSource.IterationOrder;
import org.tribuo.evaluation.TrainTestSplitter;
import org.tribuo.evaluation.TrainTestSplitter.SplitDataSourceProvenance;
import org.tribuo.provenance.DataProvenance;
import org.tribuo.provenance.DatasetProvenance;
import org.tribuo.transform.TransformationMap;
import org.tribuo.transform.TransformerMap.TransformerMapProvenance;

/**
 * Loads training data again: from configurable sources, alone, aggregated or through {@link TrainTestSplitter}, into a
 * {@link MutableDataset} (also a transformed one) or a copy of it that does not change, a
 * {@link MinimumCardinalityDataset}, or a {@link DatasetView} that is a bootstrap sample or recorded its indices, as
 * cross-validation folds do.
 */
final class RecordedDataset<T extends Output<T>> {
    private static final String READABLE =
            "only data from configurable sources (such as CSVDataSource), directly or through "
                    + "TrainTestSplitter or AggregateDataSource, can be loaded again";

    private final Components components;

    RecordedDataset(Components components) {
        this.components = components;
    }

    /**
     * Loads a dataset.
     *
     * @throws NotReproducibleException if the provenance does not say enough, or the data has another size than
     *     recorded
     */
    Dataset<T> load(DatasetProvenance recorded) {
        Dataset<T> dataset;
        if (recorded instanceof DatasetViewProvenance view) {
            dataset = view(view);
        } else if (recorded instanceof MinimumCardinalityDatasetProvenance) {
            dataset = new MinimumCardinalityDataset<>(
                    load(inner(recorded)), value(values(recorded), "min-cardinality", Integer.class));
        } else if (recorded.getClassName().equals(ImmutableDataset.class.getName())) {
            dataset = ImmutableDataset.copyDataset(load(inner(recorded)));
        } else if (recorded.getClassName().equals(MutableDataset.class.getName())) {
            dataset = mutable(recorded);
        } else {
            throw new NotReproducibleException("the model was trained on a " + recorded.getClassName()
                    + ", whose provenance does not say how to make it again");
        }
        if (dataset.size() != recorded.getNumExamples()
                || dataset.getFeatureMap().size() != recorded.getNumFeatures()) {
            throw new NotReproducibleException("the data now has " + dataset.size() + " examples and "
                    + dataset.getFeatureMap().size() + " features, but " + recorded.getNumExamples() + " and "
                    + recorded.getNumFeatures()
                    + " were recorded; the dataset was changed in memory after it was loaded, or the data has changed");
        }
        return dataset;
    }

    private Dataset<T> view(DatasetViewProvenance recorded) {
        Dataset<T> whole = load(inner(recorded));
        Map<String, Provenance> values = values(recorded);
        int size = value(values, "size", Integer.class);
        if (recorded.isSampled() && !recorded.isWeighted()) {
            return DatasetView.createBootstrapView(whole, size, value(values, "seed", Long.class));
        }
        int[] indices = indices(values.get("indices"));
        if (recorded.isSampled() || indices.length != size) {
            throw new NotReproducibleException("the model was trained on a part of a dataset ('"
                    + value(values, "tag", String.class) + "') without a record of which " + size + " examples");
        }
        return new DatasetView<>(whole, indices, value(values, "tag", String.class));
    }

    private static int[] indices(@Nullable Provenance recorded) {
        List<Integer> indices = new ArrayList<>();
        if (recorded instanceof ListProvenance<?> list) {
            for (Provenance index : list) {
                if (index instanceof IntProvenance number) {
                    indices.add(number.getValue());
                }
            }
        }
        return indices.stream().mapToInt(Integer::intValue).toArray();
    }

    private Dataset<T> mutable(DatasetProvenance recorded) {
        MutableDataset<T> dataset = recorded.getSourceProvenance() instanceof DatasetProvenance original
                ? MutableDataset.createDeepCopy(load(original))
                : new MutableDataset<>(source(recorded.getSourceProvenance()));
        if (recorded.isDense() && !dataset.isDense()) {
            dataset.densify();
        }
        for (ObjectProvenance transformation : recorded.getTransformationProvenance()) {
            transform(dataset, transformation);
        }
        return dataset;
    }

    /** The transformers were fitted to a dataset of their own, usually this one as it was before. */
    private void transform(MutableDataset<T> dataset, ObjectProvenance recorded) {
        Map<String, Provenance> values = values(recorded);
        if (!(recorded instanceof TransformerMapProvenance)
                || !(values.get("transformation-map") instanceof ConfiguredObjectProvenance map)
                || !(values.get("dataset") instanceof DatasetProvenance fitted)) {
            throw new NotReproducibleException(
                    "the data was transformed by a " + recorded.getClassName() + ", which cannot be made again");
        }
        dataset.transform(load(fitted).createTransformers(components.lookup(map, TransformationMap.class)));
    }

    private static DatasetProvenance inner(DatasetProvenance recorded) {
        if (recorded.getSourceProvenance() instanceof DatasetProvenance inner) {
            return inner;
        }
        throw new NotReproducibleException("the model was trained on a " + recorded.getClassName()
                + " whose provenance does not say what dataset it was made from");
    }

    private DataSource<T> source(DataProvenance recorded) {
        if (recorded instanceof SplitDataSourceProvenance split) {
            return split(split);
        }
        if (recorded instanceof AggregateDataSourceProvenance aggregate) {
            return aggregate(aggregate);
        }
        if (recorded instanceof ConfiguredObjectProvenance configured) {
            @SuppressWarnings("unchecked") // Training refuses outputs of another kind.
            DataSource<T> source = components.lookup(configured, ConfigurableDataSource.class);
            return source;
        }
        Map<String, Provenance> values = values(recorded);
        String description = values.get("description") instanceof StringProvenance text
                ? " described as '" + text.getValue() + "'"
                : "";
        throw new NotReproducibleException("the training data was in memory or came from a " + recorded.getClassName()
                + description + ", which records no configuration; " + READABLE);
    }

    private DataSource<T> split(SplitDataSourceProvenance recorded) {
        Map<String, Provenance> values = values(recorded);
        if (!(values.get("source") instanceof DataProvenance whole)) {
            throw new NotReproducibleException("the provenance of the split data does not say what was split");
        }
        TrainTestSplitter<T> splitter = new TrainTestSplitter<>(
                source(whole), value(values, "train-proportion", Double.class), value(values, "seed", Long.class));
        return value(values, "is-train", Boolean.class) ? splitter.getTrain() : splitter.getTest();
    }

    private DataSource<T> aggregate(AggregateDataSourceProvenance recorded) {
        Map<String, Provenance> values = values(recorded);
        List<DataSource<T>> sources = new ArrayList<>();
        if (values.get("sources") instanceof ListProvenance<?> list) {
            for (Provenance source : list) {
                if (source instanceof DataProvenance part) {
                    sources.add(source(part));
                }
            }
        }
        return new AggregateDataSource<>(sources, value(values, "order", IterationOrder.class));
    }

    private static Map<String, Provenance> values(ObjectProvenance provenance) {
        Map<String, Provenance> values = new HashMap<>();
        for (Pair<String, Provenance> pair : provenance) {
            values.put(pair.getA(), pair.getB());
        }
        return values;
    }

    private static <V> V value(Map<String, Provenance> values, String key, Class<V> type) {
        if (values.get(key) instanceof PrimitiveProvenance<?> primitive && type.isInstance(primitive.getValue())) {
            return type.cast(primitive.getValue());
        }
        throw new NotReproducibleException("the provenance of the training data has no " + key);
    }
}
