package org.finitentk.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What README and the guide show is so. A block of Java or Kotlin names the example in a comment before it, and is a
 * part of that example; blocks of commands are run in their order, in a folder that has the examples; a block of text
 * after one of these is what it prints.
 */
@NullUnmarked
class DocumentsTest {
    private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+)");

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> linksHold() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path file : Page.all()) {
            for (String link : Page.read(file).links()) {
                tests.add(dynamicTest(file + ": " + link, () -> assertHolds(file, link)));
            }
        }
        return tests.stream();
    }

    private static void assertHolds(Path file, String link) throws IOException {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? file : file.resolveSibling(parts[0]);
        assertTrue(Files.exists(target), () -> file + " links to " + link + ", which is not there");
        if (parts.length == 2) {
            assertTrue(Page.anchors(target).contains(parts[1]), () -> target + " has no heading #" + parts[1]);
        }
    }

    @TestFactory
    Stream<DynamicTest> codeIsOfAnExample() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path file : Page.all()) {
            List<Page.Block> blocks = Page.read(file).blocks();
            for (int i = 0; i < blocks.size(); i++) {
                Page.Block code = blocks.get(i);
                if (List.of("java", "kotlin").contains(code.language())
                        && !code.note().startsWith("not run")) {
                    boolean printed =
                            i + 1 < blocks.size() && blocks.get(i + 1).note().equals("prints");
                    List<String> output = printed ? blocks.get(i + 1).lines() : null;
                    tests.add(dynamicTest(file + ": " + code.note(), () -> assertRuns(file, code, output)));
                }
            }
        }
        return tests.stream();
    }

    private static void assertRuns(Path page, Page.Block code, @Nullable List<String> output) throws Exception {
        Path example = Path.of(code.note());
        assertTrue(
                !code.note().isEmpty() && Files.exists(example),
                () -> page + ": no comment before this code names its example:\n" + code.text());
        assertTrue(
                lines(Files.readString(example)).contains(lines(code.text())),
                () -> page + ": " + example + " does not have these lines:\n" + code.text());
        if (output != null) {
            PrintedText.assertAlike(output, printed(example), page + ", " + example);
        }
    }

    /**
     * Lines without the white space that formatting gives them, so that what a page breaks differently is still the
     * same.
     */
    private static String lines(String text) {
        return text.replaceAll("(?m)//.*$", "").replaceAll("\\s+", "");
    }

    private static String printed(Path example) throws Exception {
        Matcher matcher = PACKAGE.matcher(Files.readString(example));
        assertTrue(matcher.find(), () -> example + " has no package");
        String name = example.getFileName().toString();
        Class<?> type = Class.forName(
                matcher.group(1) + "." + name.replaceFirst("\\.java$", "").replaceFirst("\\.kt$", "Kt"));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream standard = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            type.getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(standard);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @TestFactory
    Stream<DynamicTest> commandsPrintWhatIsShown() throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "commands are written for bash");
        List<DynamicTest> tests = new ArrayList<>();
        for (Path file : Page.all()) {
            List<Page.Block> blocks = Page.read(file).blocks();
            Path work = folder.resolve(file.getFileName().toString());
            for (int i = 0; i < blocks.size(); i++) {
                Page.Block commands = blocks.get(i);
                if (commands.language().equals("sh") && !commands.note().startsWith("not run")) {
                    boolean shown =
                            i + 1 < blocks.size() && blocks.get(i + 1).note().equals("prints");
                    List<String> output = shown ? blocks.get(i + 1).lines() : null;
                    tests.add(dynamicTest(
                            file + ": " + commands.lines().get(0), () -> assertCommandsRun(work, commands, output)));
                }
            }
        }
        return tests.stream();
    }

    private static void assertCommandsRun(Path work, Page.Block commands, @Nullable List<String> output)
            throws Exception {
        for (String part : List.of("examples", "tribuo-config", "provenance")) {
            if (!Files.exists(work.resolve(part))) {
                Files.createDirectories(work);
                Files.createSymbolicLink(work.resolve(part), Path.of(part).toAbsolutePath());
            }
        }
        File errors = work.resolve("errors.txt").toFile();
        String ntk = "shopt -s expand_aliases\nalias ntk='\"" + Path.of(System.getProperty("java.home"), "bin", "java")
                + "\" -Xmx1g org.finitentk.cli.Main'\n";
        ProcessBuilder builder = new ProcessBuilder("/bin/bash", "-e", "-c", ntk + withoutAlias(commands))
                .directory(work.toFile())
                .redirectError(errors);
        builder.environment().put("CLASSPATH", classPath());
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(2, TimeUnit.MINUTES), commands::text);
        String said = Files.readString(errors.toPath());
        assertEquals(0, process.exitValue(), () -> commands.text() + "\n" + said + printed);
        if (output != null) {
            PrintedText.assertAlike(output, printed, commands.text());
        }
    }

    /** The commands, with the alias of this class path instead of that of a jar that is built later. */
    private static String withoutAlias(Page.Block commands) {
        return commands.lines().stream()
                .filter(line -> !line.startsWith("alias ntk="))
                .collect(Collectors.joining("\n"));
    }

    private static String classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(path.split(File.pathSeparator))
                .map(part -> Path.of(part).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    void numbersMayDifferInTheLastDigitOnly() {
        PrintedText.assertAlike(List.of("a 1.23", "..."), "a 1.24\nb", "here");
        assertThrows(AssertionError.class, () -> PrintedText.assertAlike(List.of("a 1.23"), "a 1.27", "here"));
        assertThrows(AssertionError.class, () -> PrintedText.assertAlike(List.of("a 1.23"), "a 1.23\nb", "here"));
    }
}
