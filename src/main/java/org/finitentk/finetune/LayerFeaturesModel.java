package org.finitentk.finetune;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import org.finitentk.backbone.NetworkModel;
import org.finitentk.internal.store.StoredModel;
import org.finitentk.protos.LayerFeaturesModelProto;
import org.tribuo.Example;
import org.tribuo.Prediction;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.regression.Regressor;

/**
 * A Tribuo model of what a network gives, as a model of the network's own features. Predictions are the inner model's.
 * Safe for use from several threads if the inner model is. Close it to release the network early; the next prediction
 * opens it again.
 */
public final class LayerFeaturesModel extends NetworkModel<Regressor> {
    private static final long serialVersionUID = 1L;

    /** Version of the stored form. */
    public static final int CURRENT_VERSION = 0;

    /** The network and the inner model. */
    private final LayerFeatures layer;

    LayerFeaturesModel(Metadata<Regressor> metadata, LayerFeatures layer) {
        super(metadata);
        this.layer = layer;
    }

    @Override
    public List<String> outputNames() {
        return layer.dimensions();
    }

    @Override
    protected Class<Regressor> outputType() {
        return Regressor.class;
    }

    @Override
    protected int countUsed(Example<Regressor> example) {
        return layer.countUsed(example);
    }

    @Override
    protected List<Prediction<Regressor>> predictions(List<Example<Regressor>> batch, int[] used) {
        return layer.predict(batch, used);
    }

    @Override
    protected LayerFeaturesModel of(Metadata<Regressor> metadata) {
        return new LayerFeaturesModel(metadata, layer.share());
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
    public static LayerFeaturesModel deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        StoredModel.requireVersion(className, version, CURRENT_VERSION);
        LayerFeaturesModelProto proto = message.unpack(LayerFeaturesModelProto.class);
        Metadata<Regressor> metadata = Metadata.read(proto.getMetadata(), Regressor.class);
        LayerFeaturesModel model = new LayerFeaturesModel(metadata, LayerFeatures.fromProto(proto.getLayer()));
        model.requireFit(metadata);
        return model;
    }

    @Override
    public void close() {
        layer.close();
    }
}
