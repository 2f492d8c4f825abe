package org.finitentk.documents;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation: its fenced blocks, each with the comment that stands right before the fence, and its
 * links.
 *
 * @param file the Markdown file, relative to the project's folder
 * @param blocks in their order
 * @param links targets that are no addresses of the web
 */
record Page(Path file, List<Block> blocks, List<String> links) {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)|(?:src|srcset)=\"([^\"]+)\"");

    /**
     * A fenced block.
     *
     * @param language what stands after the fence; may be empty
     * @param note the text of the comment before the fence; empty without one
     * @param lines what is between the fences
     */
    record Block(String language, String note, List<String> lines) {
        String text() {
            return String.join("\n", lines);
        }
    }

    static Page read(Path file) throws IOException {
        List<Block> blocks = new ArrayList<>();
        List<String> links = new ArrayList<>();
        String note = "";
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("```")) {
                int end = i + 1;
                while (!lines.get(end).startsWith("```")) {
                    end++;
                }
                blocks.add(new Block(line.substring(3).strip(), note, List.copyOf(lines.subList(i + 1, end))));
                i = end;
            } else {
                links(line, links);
            }
            note = line.startsWith("<!--")
                    ? line.substring(4, line.lastIndexOf("-->")).strip()
                    : "";
        }
        return new Page(file, blocks, links);
    }

    private static void links(String line, List<String> links) {
        Matcher matcher = LINK.matcher(line.replaceAll("`[^`]*`", "``"));
        while (matcher.find()) {
            String link = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
            if (!link.startsWith("http")) {
                links.add(link);
            }
        }
    }

    /** README, the guide, and the pages that they lead to. */
    static List<Path> all() throws IOException {
        try (Stream<Path> guide = Files.list(Path.of("src", "site", "markdown"))) {
            return Stream.concat(
                            Stream.of(Path.of("README.md"), Path.of("CONTRIBUTING.md")),
                            guide.filter(file -> file.toString().endsWith(".md"))
                                    .sorted())
                    .toList();
        }
    }

    /** The anchors that GitHub gives the headings of a page. */
    static List<String> anchors(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+\\s*", "")
                        .toLowerCase(java.util.Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
