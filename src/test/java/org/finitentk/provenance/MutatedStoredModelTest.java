package org.finitentk.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.finitentk.internal.linalg.NotPositiveDefiniteException;
import org.finitentk.stored.StoredModels;
import org.finitentk.stored.StoredPredictions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.FeatureMap;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.classification.ImmutableLabelInfo;
import org.tribuo.classification.LabelInfo;
import org.tribuo.regression.ImmutableRegressionInfo;
import org.tribuo.regression.RegressionInfo;

/**
 * Bytes of stored models, in both forms, are changed, lost or moved: what is read then predicts, or says in one
 * sentence why not. Nothing else is thrown.
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
        test.run(Integer.parseInt(args[0]), Long.parseLong(args[1]))
                .forEach((outcome, count) -> System.out.println(count + " " + outcome));
    }

    @Test
    void mutantsPredictOrAreRefused() throws IOException {
        Map<String, Integer> outcomes = run(MUTANTS, SEED);
        assertEquals(
                List.of(),
                outcomes.keySet().stream()
                        .filter(outcome -> outcome.startsWith("FAULT"))
                        .toList());
        assertTrue(
                outcomes.keySet().stream().anyMatch(o -> o.equals("read and predicts"))
                        && outcomes.keySet().stream().anyMatch(o -> o.startsWith("not read")),
                outcomes.toString());
    }

    /** Java's serialization does not mind if a part is null. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "regression-default",
                "classification-default",
                "fine-tuned-regression-all",
                "fine-tuned-classification-all"
            })
    void missingPartsAreFoundByReading(String name) throws IOException {
        Model<?> model = Model.deserializeFromFile(
                StoredModels.unpack(StoredModels.versions().get(0).resolve(name + ".zip"), "model.pb", folder));
        for (String part : List.of(
                "Stored", "ImmutableFeatureMap", "ModelProvenance", "ImmutableRegressionInfo|ImmutableLabelInfo")) {
            byte[] without = without(model, Pattern.compile(".*[.$](" + part + ")"));
            IOException e = assertThrows(
                    IOException.class,
                    () -> new ObjectInputStream(new ByteArrayInputStream(without)).readObject(),
                    part);
            assertTrue(String.valueOf(e.getMessage()).startsWith("the stored model is damaged: "), e.getMessage());
            assertEquals(1, String.valueOf(e.getMessage()).lines().count());
        }
    }

    /** A field that has another name in the stream is null or 0 to who reads it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "regression-default",
                "classification-default",
                "fine-tuned-regression-all",
                "fine-tuned-classification-all"
            })
    void missingFieldsOfTribuosPartsAreMadeAnewOrFound(String name) throws Exception {
        Path zip = StoredModels.versions().get(0).resolve(name + ".zip");
        String stored = Files.readString(StoredModels.unpack(zip, "model.ser", folder), StandardCharsets.ISO_8859_1);
        StoredPredictions examples = StoredPredictions.read(StoredModels.unpack(zip, "predictions.csv", folder));
        Path mutant = folder.resolve("mutant");
        int found = 0;
        for (Class<?> part : List.of(
                RegressionInfo.class,
                ImmutableRegressionInfo.class,
                LabelInfo.class,
                ImmutableLabelInfo.class,
                FeatureMap.class,
                ImmutableFeatureMap.class)) {
            for (Field field : part.getDeclaredFields()) {
                // as the stream has it: a length of two bytes, and the name
                String own = "\0" + (char) field.getName().length() + field.getName();
                boolean isStored =
                        (field.getModifiers() & (Modifier.STATIC | Modifier.TRANSIENT)) == 0 && stored.contains(own);
                if (isStored) {
                    Files.writeString(
                            mutant,
                            stored.replace(own, own.substring(0, own.length() - 1) + "_"),
                            StandardCharsets.ISO_8859_1);
                    String outcome = outcome(mutant, true, examples);
                    assertFalse(outcome.startsWith("FAULT"), field + ": " + outcome);
                    found++;
                }
            }
        }
        assertTrue(found >= 3, "only " + found + " fields are in the stream");
    }

    private static byte[] without(Model<?> model, Pattern part) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes) {
            {
                enableReplaceObject(true);
            }

            @Override
            protected @Nullable Object replaceObject(Object object) {
                return part.matcher(object.getClass().getName()).matches() ? null : object;
            }
        }) {
            out.writeObject(model);
        }
        return bytes.toByteArray();
    }

    private Map<String, Integer> run(int count, long seed) throws IOException {
        List<Path> models = StoredModels.versions().stream()
                .flatMap(version -> StoredModels.models(version).stream())
                .toList();
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Integer> outcomes = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            Path zip = models.get(random.nextInt(models.size()));
            int way = random.nextInt(3);
            String form = way == 0 ? "model.pb" : "model.ser";
            byte[] original = Files.readAllBytes(StoredModels.unpack(zip, form, folder));
            Path mutant = folder.resolve("mutant");
            Files.write(mutant, mutate(original, random.split()));
            String outcome = outcome(
                    mutant, way == 2, StoredPredictions.read(StoredModels.unpack(zip, "predictions.csv", folder)));
            outcomes.merge(
                    outcome.startsWith("FAULT")
                            ? outcome + " (" + zip.getFileName() + ", " + form + (way == 2 ? " read plainly" : "")
                                    + ", mutant " + i + ")"
                            : outcome,
                    1,
                    Integer::sum);
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

    /**
     * As users read it, who have no filter: what their reader throws is not ours to decide, but what was read is a
     * model.
     */
    private static Model<?> readPlainly(Path file) throws NotReproducibleException {
        try (ObjectInputStream in = new ObjectInputStream(Files.newInputStream(file))) {
            return (Model<?>) in.readObject();
        } catch (Throwable e) {
            throw new NotReproducibleException("a reader without a filter did not read it", e);
        }
    }

    private static String outcome(Path file, boolean plainly, StoredPredictions examples) throws IOException {
        Model<?> model;
        try {
            model = plainly ? readPlainly(file) : ModelFile.read(file);
        } catch (NotReproducibleException e) {
            return isSentence(e) ? "not read" : "FAULT of reading: " + describe(e);
        } catch (Throwable e) {
            return "FAULT of reading: " + describe(e);
        }
        try {
            return predict(model, examples);
        } catch (IllegalArgumentException | IllegalStateException | NotPositiveDefiniteException e) {
            return isSentence(e) ? "read and refuses to predict" : "FAULT of predicting: " + describe(e);
        } catch (Throwable e) {
            return "FAULT of predicting: " + describe(e);
        } finally {
            close(model);
        }
    }

    private static <T extends Output<T>> String predict(Model<T> model, StoredPredictions examples) {
        model.predict(
                examples.examples(model.getOutputIDInfo().getDomain().iterator().next()));
        return "read and predicts";
    }

    private static boolean isSentence(Throwable e) {
        String message = e.getMessage();
        return message != null
                && message.lines().count() == 1
                && message.length() > 20
                && !message.contains("Exception:");
    }

    private static String describe(Throwable e) {
        List<String> frames = new ArrayList<>(Arrays.stream(e.getStackTrace())
                .limit(3)
                .map(StackTraceElement::toString)
                .toList());
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
