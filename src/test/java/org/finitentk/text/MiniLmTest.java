package org.finitentk.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.finitentk.backbone.OnnxBackbone;
import org.finitentk.kernel.TangentKernel;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.network.Outputs;
import org.finitentk.onnx.Pooling;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.classification.Label;
import org.tribuo.data.text.impl.TextFeatureExtractorImpl;

/** A published network of 22.7 million weights, which the Maven profile minilm brings; skipped without it. */
@NullUnmarked
class MiniLmTest {
    private static final String MODEL = "all-minilm-l6-v2.onnx";
    private static final String TOKENIZER = "all-minilm-l6-v2-tokenizer.json";
    private static final List<String> WHO = List.of("a cat", "the dog", "my neighbour", "an old train");
    private static final List<String> DOES = List.of("sleeps", "waits", "comes home", "makes a noise");
    private static final List<String> WHERE = List.of("on the mat", "in the rain", "before noon", "without a reason");

    @TempDir
    private Path folder;

    private static InputStream resource(String name) {
        return MiniLmTest.class.getResourceAsStream("/" + name);
    }

    @BeforeEach
    void unpack() throws IOException {
        Assumptions.assumeTrue(MiniLmTest.class.getResource("/" + MODEL) != null, "run with the Maven profile minilm");
        for (String name : List.of(MODEL, TOKENIZER)) {
            try (InputStream in = resource(name)) {
                Files.copy(in, folder.resolve(name));
            }
        }
    }

    @Test
    void tokensAreThePublishedOnes() {
        assertEquals(
                List.of(7592.0, 1010.0, 2088.0, 999.0),
                new WordpiecePipeline(folder.resolve(TOKENIZER))
                        .process("", "Hello, World!").stream()
                                .map(Feature::getValue)
                                .toList());
    }

    @Test
    void sentencesHaveAKernelOfAllWeights() {
        TextFeatureExtractorImpl<Label> texts =
                new TextFeatureExtractorImpl<>(new WordpiecePipeline(folder.resolve(TOKENIZER)));
        List<Example<Label>> examples = IntStream.range(0, 64)
                .mapToObj(i -> WHO.get(i / 16) + " " + DOES.get(i / 4 % 4) + " " + WHERE.get(i % 4))
                .map(text -> texts.extract(new Label("any"), text))
                .toList();
        TokenTransformer transformer = new TokenTransformer(folder.resolve(TOKENIZER), 24);
        OnnxBackbone backbone = OnnxBackbone.builder(folder.resolve(MODEL))
                .inputTransformer(transformer)
                .pooling(Pooling.MASKED_MEAN, "")
                .build();
        try (LinearizedNetwork network = backbone.open()) {
            assertEquals(384, network.outputSize());
            assertTrue(network.parameterCount() > 22_000_000, () -> network.parameterCount() + " parameters");
            Examples x = transformer.transform(examples, network.inputs());
            double[] k = new TangentKernel(network).gram(x, Outputs.single(0));
            assertEquals(64 * 64, k.length);
            double[] u = Outputs.single(0).cotangent(0, 1, 384);
            double[] g = network.vjp(x.slice(5, 6), u);
            double[] h = network.vjp(x.slice(9, 10), u);
            double product =
                    IntStream.range(0, g.length).mapToDouble(i -> g[i] * h[i]).sum();
            assertEquals(product, k[5 * 64 + 9], 1e-5 * Math.abs(k[5 * 64 + 5]));
        }
    }
}
