package org.finitentk.network;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import org.finitentk.onnx.Graph;
import org.finitentk.onnx.InvalidModelException;
import org.finitentk.onnx.ModelWriter;

/** Opens ONNX Runtime sessions. */
final class Sessions {
    private Sessions() {
    }

    static OrtSession open(Graph graph, ExecutionSettings settings) {
        OrtEnvironment environment = OrtRuntime.environment();
        byte[] model = ModelWriter.toBytes(graph);
        try (SessionOptions options = options(settings)) {
            return environment.createSession(model, options);
        } catch (OrtException e) {
            throw new InvalidModelException("ONNX Runtime " + environment.getVersion() + " refuses graph '" + graph.name() + "': " + e.getMessage(), e);
        }
    }

    private static SessionOptions options(ExecutionSettings settings) throws OrtException {
        SessionOptions options = new SessionOptions();
        boolean complete = false;
        try {
            // Errors come as exceptions; they need not also be printed on standard error.
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            options.setIntraOpNumThreads(settings.threads());
            options.setDeterministicCompute(settings.deterministic());
            if (settings.device() == ExecutionSettings.Device.CUDA) {
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
            throw new IllegalStateException("CUDA was asked for, but this is the CPU build of ONNX Runtime; build with profile gpu (mvn -Pgpu) or use the CPU");
        }
        try {
            options.addCUDA(deviceId);
        } catch (OrtException e) {
            throw new IllegalStateException("CUDA device " + deviceId + " cannot be used (CUDA 12 and cuDNN 9 must be on the library path): " + e.getMessage(), e);
        }
    }
}
