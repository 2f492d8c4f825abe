package org.finitentk.finetune;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Map;
import org.finitentk.backbone.NetworkModel;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.protos.LayerFeaturesModelProto;
import org.tribuo.Example;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.protos.core.ModelProto;

/**
 * A Tribuo model of what a network gives, as a model of the network's own features. Predictions are the inner model's.
 * Safe for use from several threads if the inner model is. Close it to release the network early; the next prediction
 * opens it again.
 *
 * @param <T> Regressor, Label or MultiLabel
 */
public final class LayerFeaturesModel<T extends Output<T>> extends NetworkModel<T> {
    private static final long serialVersionUID = 1L;

    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    /** The network and the inner model. */
    private final LayerFeatures<T> layer;

    LayerFeaturesModel(Metadata<T> metadata, LayerFeatures<T> layer) {
        super(metadata);
        this.layer = layer;
    }

    @Override
    public List<String> outputNames() {
        return layer.dimensions();
    }

    @Override
    protected Class<T> outputType() {
        return layer.outputType();
    }

    @Override
    public boolean generatesProbabilities() {
        return layer.generatesProbabilities();
    }

    @Override
    public Map<String, ByteString> keptFiles() {
        return layer.keptFiles();
    }

    @Override
    protected int countUsed(Example<T> example) {
        return layer.countUsed(example);
    }

    @Override
    protected List<Prediction<T>> predictions(List<Example<T>> batch, int[] used) {
        return layer.predict(batch, used);
    }

    @Override
    protected LayerFeaturesModel<T> of(Metadata<T> metadata) {
        return new LayerFeaturesModel<>(metadata, layer.share());
    }

    @Override
    public ModelProto serialize() {
        return stored(
                CURRENT_VERSION,
                LayerFeaturesModelProto.newBuilder()
                        .setMetadata(metadata())
                        .setLayer(layer.toProto())
                        .build());
    }

    /**
     * Reads a stored model; Tribuo calls it.
     *
     * @param version version of the stored form
     * @param className the stored class name
     * @param message the stored content
     * @return the model
     * @throws InvalidProtocolBufferException if the message is of another type or damaged
     * @throws IllegalArgumentException if it is of a newer version or its content is inconsistent
     */
    public static LayerFeaturesModel<?> deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        StoredModel.requireVersion(className, version, CURRENT_VERSION);
        LayerFeaturesModelProto proto = message.unpack(LayerFeaturesModelProto.class);
        return of(proto, LayerFeatures.fromProto(proto.getLayer()));
    }

    private static <T extends Output<T>> LayerFeaturesModel<T> of(LayerFeaturesModelProto proto, LayerFeatures<T> layer)
            throws InvalidProtocolBufferException {
        Metadata<T> metadata = Metadata.read(proto.getMetadata(), layer.outputType());
        LayerFeaturesModel<T> model = new LayerFeaturesModel<>(metadata, layer);
        model.requireFit(metadata);
        return model;
    }

    @Override
    public void close() {
        layer.close();
    }
}
