package org.finitentk.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.finitentk.stored.StoredModels;
import org.finitentk.stored.StoredPredictions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Model;
import org.tribuo.Output;

/**
 * Bytes of stored models, in both forms, are changed, lost or moved: what is read then predicts, or says in one sentence why not. Nothing else is thrown.
 *
 * <p>{@code java -cp ... org.finitentk.provenance.MutatedStoredModelTest 6000 7} makes 6,000 mutants from the seed 7.
 */
final class MutatedStoredModelTest {
    private static final int MUTANTS = 400;
    private static final long SEED = 1;

    @TempDir
    Path folder = Path.of("");

    /**
     * Many mutants.
     *
     * @param args how many, and the seed
     */
    public static void main(String[] args) throws IOException {
        MutatedStoredModelTest test = new MutatedStoredModelTest();
        test.folder = Files.createTempDirectory("mutants");
        test.run(Integer.parseInt(args[0]), Long.parseLong(args[1])).forEach((outcome, count) -> System.out.println(count + " " + outcome));
    }

    @Test
    void mutantsPredictOrAreRefused() throws IOException {
        Map<String, Integer> outcomes = run(MUTANTS, SEED);
        assertEquals(Map.of(), new TreeMap<>(Map.copyOf(outcomes.entrySet().stream().filter(e -> e.getKey().startsWith("FAULT")).collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)))));
        assertTrue(outcomes.keySet().stream().anyMatch(o -> o.equals("read and predicts")) && outcomes.keySet().stream().anyMatch(o -> o.startsWith("not read")), outcomes.toString());
    }

    private Map<String, Integer> run(int count, long seed) throws IOException {
        List<Path> models = StoredModels.versions().stream().flatMap(version -> StoredModels.models(version).stream()).toList();
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Integer> outcomes = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            Path zip = models.get(random.nextInt(models.size()));
            String form = random.nextBoolean() ? "model.pb" : "model.ser";
            byte[] original = Files.readAllBytes(StoredModels.unpack(zip, form, folder));
            Path mutant = folder.resolve("mutant");
            Files.write(mutant, mutate(original, random.split()));
            String outcome = outcome(mutant, StoredPredictions.read(StoredModels.unpack(zip, "predictions.csv", folder)));
            outcomes.merge(outcome.startsWith("FAULT") ? outcome + " (" + zip.getFileName() + ", " + form + ", mutant " + i + ")" : outcome, 1, Integer::sum);
        }
        return outcomes;
    }

    private static byte[] mutate(byte[] original, SplittableRandom random) {
        byte[] bytes = original.clone();
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(8)) {
            case 0 -> bytes = Arrays.copyOf(bytes, at);
            case 1 -> bytes[at] = 0;
            case 2 -> bytes[at] = (byte) 0xff;
            case 3 -> bytes[at] = (byte) random.nextInt();
            case 4 -> {
                // Some bytes are lost.
                int lost = Math.min(bytes.length - at, 1 + random.nextInt(40));
                byte[] shorter = Arrays.copyOf(bytes, bytes.length - lost);
                System.arraycopy(bytes, at + lost, shorter, at, bytes.length - at - lost);
                bytes = shorter;
            }
            case 5 -> {
                // Some appear elsewhere.
                int length = Math.min(bytes.length - at, 1 + random.nextInt(20));
                System.arraycopy(original, at, bytes, random.nextInt(bytes.length - length + 1), length);
            }
            case 6 -> {
                for (int i = 0; i < 8; i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            default -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private static String outcome(Path file, StoredPredictions examples) throws IOException {
        Model<?> model;
        try {
            model = ModelFile.read(file);
        } catch (NotReproducibleException e) {
            return isSentence(e) ? "not read" : "FAULT of reading: " + describe(e);
        } catch (Throwable e) {
            return "FAULT of reading: " + describe(e);
        }
        try {
            return predict(model, examples);
        } catch (IllegalArgumentException | IllegalStateException e) {
            return isSentence(e) ? "read and refuses to predict" : "FAULT of predicting: " + describe(e);
        } catch (Throwable e) {
            return "FAULT of predicting: " + describe(e);
        } finally {
            close(model);
        }
    }

    private static <T extends Output<T>> String predict(Model<T> model, StoredPredictions examples) {
        model.predict(examples.examples(model.getOutputIDInfo().getDomain().iterator().next()));
        return "read and predicts";
    }

    private static boolean isSentence(Throwable e) {
        String message = e.getMessage();
        return message != null && message.lines().count() == 1 && message.length() > 20 && !message.contains("Exception:");
    }

    private static String describe(Throwable e) {
        List<String> frames = new ArrayList<>(Arrays.stream(e.getStackTrace()).limit(3).map(StackTraceElement::toString).toList());
        return e.getClass().getSimpleName() + ": " + e.getMessage() + " at " + frames;
    }

    private static void close(Model<?> model) {
        if (model instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
