package org.finitentk.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** A report's page as people meet it: in a browser, on a phone, on dark pages, by the keyboard. */
@NullUnmarked
@EnabledIf(value = "org.finitentk.internal.report.Browser#isThere", disabledReason = "no Chromium with its driver")
class ReportInBrowserTest {
    private static final String TAB = "\uE004";
    private static final String ENTER = "\uE007";
    /** Of text on its background, as the guidelines for accessible pages (WCAG 2.1, 1.4.3) demand. */
    private static final String TOO_PALE = """
            const channel = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
            const parts = color => color.match(/[\\d.]+/g).map(Number);
            const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
            const behind = element => {
              for (let e = element; e; e = e.parentElement) {
                const p = parts(getComputedStyle(e).backgroundColor);
                if (p.length === 3 || p[3] > 0) return p;
              }
              return [255, 255, 255];
            };
            const pale = [];
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
              const element = node.parentElement;
              if (!node.data.trim() || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
              const a = light(parts(getComputedStyle(element).color)), b = light(behind(element));
              const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
              if (ratio < 4.5) pale.push(node.data.trim() + " " + ratio.toFixed(2));
            }
            return pale;
            """;

    @TempDir
    private static Path folder;

    private static Browser browser;
    private static Path page;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        page = Files.writeString(folder.resolve("report.html"), report().toHtml());
        browser = Browser.open();
    }

    @AfterAll
    static void end() throws IOException {
        browser.close();
    }

    @BeforeEach
    void show() throws IOException, InterruptedException {
        browser.screen(1280, 900, "light");
        browser.show(page);
    }

    private static ExperimentReport report() {
        return ExperimentReport.of("Sinusoids: adapting to new tasks")
                .introduction("Numbers are made up by a test.")
                .setting("Backbone SHA-256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
                .method("Finite-NTK GP", "The closed-form posterior.", SampleExperiment.withBand(12))
                .method("Full fine-tuning of all parameters", "Adam.", SampleExperiment.tooSure(12))
                .method("Last-layer fine-tuning", "Adam on it.", SampleExperiment.withoutVariances(12))
                .section("Provenance", "{\n  \"trainer\" : \"" + "long ".repeat(100) + "\"\n}")
                .build();
    }

    /** To look at: -DkeepPictures=/some/folder. */
    private static void keep(String name) throws IOException, InterruptedException {
        String kept = System.getProperty("keepPictures");
        if (kept != null) {
            Files.createDirectories(Path.of(kept));
            Files.write(Path.of(kept, name + ".png"), browser.picture());
        }
    }

    private static List<String> texts(String body) throws IOException, InterruptedException {
        List<String> texts = new ArrayList<>();
        browser.script(body).forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static String column(int column) {
        return "return Array.from(document.querySelectorAll('table.sorts')[0].tBodies[0].rows,"
                + " row => row.cells[" + column + "].dataset.value ?? row.cells[" + column
                + "].textContent.trim());";
    }

    @Test
    void nothingIsRefusedOrMissing() throws IOException, InterruptedException {
        keep("page-light");
        assertEquals(
                List.of(),
                texts("return Array.from(document.images).filter(i => !i.naturalWidth || !i.alt)"
                        + ".map(i => i.src.slice(0, 40));"));
        JsonNode console = browser.console();
        assertEquals(0, console.size(), console::toString);
    }

    @Test
    void tablesSortByTheKeyboard() throws IOException, InterruptedException {
        List<String> asWritten = texts(column(2));
        assertEquals("", asWritten.get(2), "this method has no density");
        int head = -1;
        for (int i = 0; i < 20 && head != 2; i++) {
            browser.press(TAB);
            head = browser.script("const e = document.activeElement; return e.tagName === 'BUTTON'"
                            + " ? e.parentElement.cellIndex : -1;")
                    .asInt();
        }
        assertEquals(2, head, "the head of the third column is reached by the Tab key");
        assertNotEquals(
                "none",
                browser.script("return getComputedStyle(document.activeElement).outlineStyle;")
                        .asText());
        browser.press(ENTER);
        List<String> rising = texts(column(2));
        assertTrue(Double.parseDouble(rising.get(0)) < Double.parseDouble(rising.get(1)), rising::toString);
        assertEquals("", rising.get(2), "what is missing is last");
        String sorted = "return Array.from(document.querySelectorAll('table.sorts')[0].tHead.rows[0].cells,"
                + " head => head.getAttribute('aria-sort') ?? '');";
        assertEquals("ascending", texts(sorted).get(2));
        browser.press(ENTER);
        List<String> falling = texts(column(2));
        assertEquals(List.of(rising.get(1), rising.get(0), ""), falling);
        assertEquals("descending", texts(sorted).get(2));
        assertEquals(1, texts(sorted).stream().filter(state -> !state.isEmpty()).count());
        assertEquals(
                "Sorted by NLPD, descending.",
                browser.script("return document.getElementById('said').textContent;")
                        .asText());
        browser.script("document.querySelectorAll('table.sorts')[0].tHead.querySelector('button').click();");
        assertEquals(
                List.of("Finite-NTK GP", "Full fine-tuning of all parameters", "Last-layer fine-tuning"),
                texts(column(0)));
    }

    /** As numbers, of which "Task 10" comes after "Task 9". */
    @Test
    void namesSortAsPeopleCount() throws IOException, InterruptedException {
        String names = "const t = document.querySelectorAll('table.sorts')[1];"
                + " t.tHead.querySelector('button').click();"
                + " return Array.from(t.tBodies[0].rows, row => row.cells[0].textContent.trim());";
        List<String> rising = texts(names);
        assertEquals(List.of("Task 1", "Task 2"), rising.subList(0, 2));
        assertEquals("Task 12", rising.get(11));
        assertEquals("Task 12", texts(names).get(0));
    }

    @Test
    void aPhoneScrollsTablesAndPicturesAndNotThePage() throws IOException, InterruptedException {
        for (String scheme : List.of("light", "dark")) {
            browser.screen(390, 844, scheme);
            browser.show(page);
            browser.script("document.querySelectorAll('details').forEach(d => d.open = true);");
            keep("page-phone-" + scheme);
            assertEquals(
                    390,
                    browser.script("return document.documentElement.scrollWidth;")
                            .asInt());
            assertEquals(
                    List.of(),
                    texts("return Array.from(document.querySelectorAll('.scroll, .picture, pre'))"
                            + ".filter(e => e.scrollWidth > e.clientWidth && e.tabIndex < 0).map(e => e.className);"));
            assertTrue(
                    browser.script("return document.querySelector('.scroll').scrollWidth"
                                    + " > document.querySelector('.scroll').clientWidth;")
                            .asBoolean(),
                    "the table is wider than the phone, so that this test says something");
            // What is beside the sticky names can be read.
            assertTrue(browser.script("return document.querySelector('.scroll tbody th').offsetWidth;")
                            .asInt()
                    < 195);
        }
    }

    @Test
    void darkPagesHaveDarkPicturesAndTextThatCanBeRead() throws IOException, InterruptedException {
        String sources = "return Array.from(document.images, i => i.currentSrc);";
        List<String> light = texts(sources);
        assertEquals(List.of(), texts(TOO_PALE));
        browser.screen(1280, 900, "dark");
        keep("page-dark");
        assertEquals(List.of(), texts(TOO_PALE));
        List<String> dark = texts(sources);
        assertEquals(light.size(), dark.size());
        for (int i = 0; i < light.size(); i++) {
            assertNotEquals(light.get(i), dark.get(i));
        }
        assertEquals(
                "rgb(13, 17, 23)",
                browser.script("return getComputedStyle(document.body).backgroundColor;")
                        .asText());
    }

    @Test
    void everythingHasItsName() throws IOException, InterruptedException {
        assertEquals(
                "en", browser.script("return document.documentElement.lang;").asText());
        assertEquals(
                List.of(),
                texts("return Array.from(document.querySelectorAll('th:not([scope])'))"
                        + ".map(th => th.textContent);"));
        assertEquals(
                List.of(),
                texts(
                        "return Array.from(document.querySelectorAll('table'))"
                                + ".filter(t => !t.caption || !t.caption.textContent.trim()).map(t => t.outerHTML.slice(0, 60));"));
        assertEquals(
                List.of(),
                texts(
                        "return Array.from(document.querySelectorAll('[aria-labelledby]'))"
                                + ".filter(e => !document.getElementById(e.getAttribute('aria-labelledby'))).map(e => e.className);"));
        assertEquals(
                List.of(),
                texts("const ids = Array.from(document.querySelectorAll('[id]'), e => e.id);"
                        + "return ids.filter((id, i) => ids.indexOf(id) !== i);"));
        List<String> levels = texts("return Array.from(document.querySelectorAll('h1,h2,h3'), h => h.tagName);");
        assertEquals("H1", levels.get(0));
        assertEquals(1, levels.stream().filter("H1"::equals).count());
        assertEquals("H2", levels.get(1));
    }
}
