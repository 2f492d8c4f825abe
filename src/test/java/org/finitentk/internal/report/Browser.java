package org.finitentk.internal.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A real browser without a window, by its driver and the protocol that all drivers speak (WebDriver). */
final class Browser implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile("successfully on port (\\d+)");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Ends when every picture is the one for the preferred scheme: a browser loads it first. Ten seconds at most. */
    private static final String PICTURES_ARE_THE_SCHEMES = """
            const wanted = image => {
                const source = image.parentElement.querySelector('source');
                return source && matchMedia(source.media).matches ? source.srcset : image.src;
            };
            const end = Date.now() + 10000;
            return new Promise(done => {
                const look = () => {
                    const all = Array.from(document.images).every(image => image.currentSrc === wanted(image));
                    if (all || Date.now() > end) done(); else setTimeout(look, 20);
                };
                look();
            });
            """;

    private final Process driver;
    private final HttpClient client = HttpClient.newHttpClient();
    private final String root;
    private String session = "";

    private Browser(Process driver, String root) {
        this.driver = driver;
        this.root = root;
    }

    /** Whether this machine has Chromium and its driver. */
    static boolean isThere() {
        return program("chromedriver").isPresent() && chromium().isPresent();
    }

    private static Optional<Path> chromium() {
        return Stream.of("chromium", "chromium-browser", "google-chrome")
                .flatMap(name -> program(name).stream())
                .findFirst();
    }

    private static Optional<Path> program(String name) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator, -1))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Browser open() throws IOException, InterruptedException {
        Process driver = new ProcessBuilder(
                        program("chromedriver").orElseThrow().toString(), "--port=0")
                .redirectErrorStream(true)
                .start();
        BufferedReader said = driver.inputReader(StandardCharsets.UTF_8);
        StringBuilder all = new StringBuilder();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            all.append(line).append('\n');
            Matcher port = PORT.matcher(line);
            if (port.find()) {
                Browser browser = new Browser(driver, "http://localhost:" + port.group(1) + "/session");
                try {
                    browser.start();
                    return browser;
                } catch (IOException | InterruptedException e) {
                    driver.destroy();
                    throw e;
                }
            }
        }
        driver.destroy();
        throw new IOException("the browser's driver did not start: " + all);
    }

    private void start() throws IOException, InterruptedException {
        Map<String, Object> options = Map.of(
                "binary",
                chromium().orElseThrow().toString(),
                "args",
                // Pages of our own are shown, also by root.
                List.of("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"));
        JsonNode started = post(
                "",
                Map.of(
                        "capabilities",
                        Map.of(
                                "alwaysMatch",
                                Map.of("goog:chromeOptions", options, "goog:loggingPrefs", Map.of("browser", "ALL")))));
        session = "/" + started.get("sessionId").asText();
    }

    void show(Path page) throws IOException, InterruptedException {
        post("/url", Map.of("url", page.toUri().toString()));
    }

    /** A screen's width and height in logical pixels, and the scheme that its user prefers. */
    void screen(int width, int height, String scheme) throws IOException, InterruptedException {
        command(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        command(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        script(PICTURES_ARE_THE_SCHEMES);
    }

    /** What a function's body returns. */
    JsonNode script(String body) throws IOException, InterruptedException {
        return post("/execute/sync", Map.of("script", body, "args", List.of()));
    }

    /** Presses and releases a key, wherever the focus is. */
    void press(String key) throws IOException, InterruptedException {
        List<Map<String, String>> strokes =
                List.of(Map.of("type", "keyDown", "value", key), Map.of("type", "keyUp", "value", key));
        post("/actions", Map.of("actions", List.of(Map.of("type", "key", "id", "keys", "actions", strokes))));
    }

    /** What the page wrote to the console, refusals of its content policy among it. */
    JsonNode console() throws IOException, InterruptedException {
        return post("/se/log", Map.of("type", "browser"));
    }

    /** The whole page as PNG. */
    byte[] picture() throws IOException, InterruptedException {
        JsonNode taken = command("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
        return Base64.getDecoder().decode(taken.get("data").asText());
    }

    private JsonNode command(String name, Map<String, ?> parameters) throws IOException, InterruptedException {
        return post("/goog/cdp/execute", Map.of("cmd", name, "params", parameters));
    }

    private JsonNode post(String path, Map<String, ?> body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(root + session + path))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(path + ": " + answer.body());
        }
        return JSON.readTree(answer.body()).get("value");
    }

    @Override
    public void close() throws IOException {
        try {
            HttpRequest end = HttpRequest.newBuilder(URI.create(root + session))
                    .timeout(Duration.ofSeconds(20))
                    .DELETE()
                    .build();
            client.send(end, HttpResponse.BodyHandlers.discarding());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            driver.destroy();
        }
    }
}
