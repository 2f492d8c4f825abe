package org.finitentk.internal.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelWriter;

/** Opens ONNX Runtime sessions. */
final class Sessions {
    /**
     * What ONNX Runtime 1.28 does to float64 graphs as if they were float32 ones: the fusion of x · sigmoid(x) makes an
     * operator without a float64 kernel, that of Relu and Clip fails, those of layer normalizations put 1e-5 in the
     * place of a float64 epsilon (on a BERT with 1e-12, f was off by 1.3e-5), and factors of matrix products are
     * rounded to float32.
     */
    private static final String FLOAT_FUSIONS =
            "QuickGeluFusion;LayerNormFusionL1;LayerNormFusionL2;SimplifiedLayerNormFusion;"
                    + "MatMulScaleFusion;FuseReluClip";

    private Sessions() {}

    /**
     * Opens a session.
     *
     * @param mostFolded bytes of a constant that the runtime may compute ahead, which it does on one core of the CPU;
     *     negative for no bound
     */
    static OrtSession open(Graph graph, RunSettings settings, long mostFolded) {
        OrtEnvironment environment = OrtRuntime.environment();
        byte[] model = ModelWriter.toBytes(settings.cuda() ? CudaGraph.of(graph) : graph);
        try (SessionOptions options = options(settings, mostFolded)) {
            if (graph.hasDoubles()) {
                options.addConfigEntry("optimization.disable_specified_optimizers", FLOAT_FUSIONS);
            }
            return environment.createSession(model, options);
        } catch (OrtException e) {
            throw new InvalidModelException(
                    "ONNX Runtime " + environment.getVersion() + " refuses graph '" + graph.name() + "': "
                            + e.getMessage(),
                    e);
        }
    }

    private static SessionOptions options(RunSettings settings, long mostFolded) throws OrtException {
        SessionOptions options = new SessionOptions();
        boolean complete = false;
        try {
            // Errors come as exceptions; they need not also be printed on standard error.
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            options.setIntraOpNumThreads(settings.threads());
            options.setDeterministicCompute(settings.deterministic());
            // dequantized weights in bodies of control flow: fused with their products they would be multiplied at
            // lower accuracy
            options.addConfigEntry("session.disable_quant_qdq", "1");
            if (mostFolded >= 0) {
                options.addConfigEntry(
                        "optimization.constant_folding_max_output_size_in_bytes", Long.toString(mostFolded));
            }
            if (settings.cuda()) {
                addCuda(options, settings.deviceId());
            }
            complete = true;
            return options;
        } finally {
            if (!complete) {
                options.close();
            }
        }
    }

    private static void addCuda(SessionOptions options, int deviceId) {
        if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            throw new IllegalStateException(
                    "CUDA was asked for, but this is the CPU build of ONNX Runtime; build with profile gpu "
                            + "(mvn -Pgpu) or use the CPU");
        }
        try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(deviceId)) {
            // 10 bits of mantissa, the default, would leave 1e-3 of a product; products are to be float32's
            cuda.add("use_tf32", "0");
            // the default times every algorithm anew for each size of batch
            cuda.add("cudnn_conv_algo_search", "HEURISTIC");
            options.addCUDA(cuda);
        } catch (OrtException e) {
            throw new IllegalStateException(
                    "CUDA device " + deviceId
                            + " cannot be used (its libraries, CUDA 12.8 or a later 12 and cuDNN 9, must be "
                            + "on the library path): "
                            + e.getMessage(),
                    e);
        }
    }
}
