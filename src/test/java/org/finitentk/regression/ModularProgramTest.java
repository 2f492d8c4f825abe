package org.finitentk.regression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.finitentk.backbone.OnnxBackbone;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program with a module-info, on the module path alone, as src/site/markdown/module-path.md says. */
final class ModularProgramTest {
    private static final String PROGRAM = """
            package demo;

            import java.nio.file.Path;
            import java.util.ArrayList;
            import java.util.List;
            import org.finitentk.backbone.OnnxBackbone;
            import org.finitentk.classification.FiniteNTKClassificationTrainer;
            import org.finitentk.finetune.Activation;
            import org.finitentk.finetune.NetworkBuilder;
            import org.finitentk.onnx.ModelWriter;
            import org.finitentk.regression.FiniteNTKRegressionTrainer;
            import org.tribuo.Example;
            import org.tribuo.Model;
            import org.tribuo.MutableDataset;
            import org.tribuo.Output;
            import org.tribuo.OutputFactory;
            import org.tribuo.Trainer;
            import org.tribuo.classification.Label;
            import org.tribuo.classification.LabelFactory;
            import org.tribuo.datasource.ListDataSource;
            import org.tribuo.impl.ArrayExample;
            import org.tribuo.provenance.SimpleDataSourceProvenance;
            import org.tribuo.regression.RegressionFactory;
            import org.tribuo.regression.Regressor;

            public final class Main {
                public static void main(String[] args) throws Exception {
                    Path folder = Path.of(args[0]);
                    Path one = folder.resolve("one.onnx");
                    Path two = folder.resolve("two.onnx");
                    ModelWriter.write(NetworkBuilder.mlp(2, List.of(8), 1, Activation.TANH, 1), one);
                    ModelWriter.write(NetworkBuilder.mlp(2, List.of(8), 2, Activation.TANH, 1), two);
                    List<Example<Regressor>> numbers = new ArrayList<>();
                    List<Example<Label>> labels = new ArrayList<>();
                    for (int i = 0; i < 20; i++) {
                        String[] names = {"x0", "x1"};
                        double[] x = {i / 10.0 - 1, Math.cos(i)};
                        numbers.add(new ArrayExample<>(new Regressor("y", Math.sin(i)), names, x));
                        labels.add(new ArrayExample<>(new Label(i < 10 ? "0" : "1"), names, x));
                    }
                    run(new FiniteNTKRegressionTrainer(new OnnxBackbone(one)), numbers, new RegressionFactory(), folder);
                    run(new FiniteNTKClassificationTrainer(OnnxBackbone.builder(two).build()), labels, new LabelFactory(), folder);
                    System.out.println("in " + Main.class.getModule() + " with " + OnnxBackbone.class.getModule());
                }

                private static <T extends Output<T>> void run(Trainer<T> trainer, List<Example<T>> examples, OutputFactory<T> factory, Path folder) throws Exception {
                    var source = new ListDataSource<T>(examples, factory, new SimpleDataSourceProvenance("demo", factory));
                    Model<T> model = trainer.train(new MutableDataset<>(source));
                    Path file = folder.resolve("model.tribuo");
                    model.serializeToFile(file);
                    String before = model.predict(examples.get(3)).toString();
                    String after = Model.deserializeFromFile(file).castModel(factory.getTypeWitness()).predict(examples.get(3)).toString();
                    System.out.println(before.equals(after) && before.matches("(?s).*[0-9].*") ? "same" : before + " and " + after);
                }
            }
            """;

    @TempDir
    private Path folder = Path.of("");

    /** Everything that is on this test's class path, this library as the jar that the build will make of it. */
    private String modulePath = "";

    @BeforeEach
    void gather() throws IOException, URISyntaxException {
        Path classes = Path.of(OnnxBackbone.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> entries = new ArrayList<>();
        entries.add(Files.isDirectory(classes) ? jar(classes).toString() : classes.toString());
        // Every jar has a manifest; the property java.class.path has what the tests' launcher makes of it.
        for (URL manifest : Collections.list(getClass().getClassLoader().getResources("META-INF/MANIFEST.MF"))) {
            if (manifest.openConnection() instanceof JarURLConnection connection) {
                Path entry = Path.of(connection.getJarFileURL().toURI());
                if (isRuntime(entry)) {
                    entries.add(entry.toString());
                }
            }
        }
        modulePath = String.join(File.pathSeparator, entries);
    }

    /** Jars of the tests would bring modules of their own. */
    private static boolean isRuntime(Path entry) {
        String name = String.valueOf(entry.getFileName());
        boolean test = Stream.of(
                                "junit",
                                "opentest4j",
                                "apiguardian",
                                "kotlin",
                                "jmh",
                                "annotations",
                                "jopt",
                                "commons-math",
                                "archunit",
                                "slf4j",
                                "tests")
                        .anyMatch(name::contains)
                && !name.startsWith("jackson");
        return name.endsWith(".jar") && !test && !name.startsWith("surefire") && !name.startsWith("tribuo-finite-ntk");
    }

    private Path jar(Path classes) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Automatic-Module-Name", automaticModuleName());
        Path jar = folder.resolve("library.jar");
        try (Stream<Path> files = Files.walk(classes);
                OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                entries.putNextEntry(
                        new JarEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
                Files.copy(file, entries);
                entries.closeEntry();
            }
        }
        return jar;
    }

    /** The build's own, so that the jar here is no better than the one there. */
    private static String automaticModuleName() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        return pom.replaceFirst("(?s).*<Automatic-Module-Name>(.*?)</Automatic-Module-Name>.*", "$1");
    }

    private void compile(List<String> requires) throws IOException {
        Path sources = Files.createDirectories(folder.resolve("sources"));
        StringBuilder module = new StringBuilder("module demo {\n");
        requires.forEach(line -> module.append(line).append('\n'));
        Path info = Files.writeString(sources.resolve("module-info.java"), module.append("}\n"));
        Path main = Files.writeString(
                Files.createDirectories(sources.resolve("demo")).resolve("Main.java"), PROGRAM);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int code = compiler.run(
                null,
                null,
                null,
                "-proc:none",
                "-nowarn",
                "-d",
                folder.resolve("demo").toString(),
                "--module-path",
                modulePath,
                info.toString(),
                main.toString());
        assertEquals(0, code);
    }

    private String run(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m"));
        command.addAll(List.of("--module-path", folder.resolve("demo") + File.pathSeparator + modulePath));
        command.addAll(List.of(options));
        command.addAll(List.of("--module", "demo/demo.Main", folder.toString()));
        Path output = folder.resolve("output");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), "the program hangs");
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output);
    }

    private static void assertRan(String output) {
        assertEquals(2, output.lines().filter("same"::equals).count(), output);
        assertTrue(output.contains("in module demo with module org.finitentk"), output);
    }

    /** What the page tells an application to require, on this machine. */
    private static List<String> documented() throws IOException {
        return Files.readAllLines(Path.of("src", "site", "markdown", "module-path.md")).stream()
                .filter(line -> line.startsWith("    requires "))
                .map(line -> line.replace("linux.x86_64", platform()))
                .toList();
    }

    @Test
    void allOfTheModulePath() throws IOException, InterruptedException {
        compile(documented().subList(0, 3));
        assertRan(run("--add-modules", "ALL-MODULE-PATH"));
    }

    @Test
    void nothingButWhatTheModuleRequires() throws IOException, InterruptedException {
        assertEquals(6, documented().size(), documented().toString());
        compile(documented());
        assertRan(run());
    }

    /** As bytedeco names this machine, with a dot for the dash. */
    private static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch");
        String system = os.contains("win") ? "windows" : os.contains("mac") ? "macosx" : "linux";
        return system + "." + (arch.equals("aarch64") ? "arm64" : "x86_64");
    }
}
