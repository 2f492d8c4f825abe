package org.finitentk.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compares what a page says is printed with what is printed: words exactly, numbers to two units of the last digit
 * shown, or of the fourth decimal: what is beyond differs between processors.
 */
final class PrintedText {
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(?:\\.(\\d+))?");

    private static final int MOST_DIGITS = 4;

    private PrintedText() {}

    /** Throws unless the two are alike; "..." as a line of the page stands for any lines. */
    static void assertAlike(List<String> shown, String printed, String where) {
        List<String> lines = printed.lines()
                .map(String::stripTrailing)
                .filter(line -> !line.isEmpty())
                .toList();
        int at = 0;
        boolean gap = false;
        for (String line : shown) {
            if (line.isBlank()) {
                continue;
            }
            if (line.equals("...")) {
                gap = true;
                continue;
            }
            while (gap && at < lines.size() && !alike(line.stripTrailing(), lines.get(at))) {
                at++;
            }
            String found = at < lines.size() ? lines.get(at++) : "(the end)";
            if (!alike(line.stripTrailing(), found)) {
                assertEquals(line, found, () -> where + ": printed is\n" + printed);
            }
            gap = false;
        }
        if (!gap) {
            assertEquals(lines.size(), at, () -> where + ": more is printed than the page shows:\n" + printed);
        }
    }

    private static boolean alike(String shown, String printed) {
        if (!words(shown).equals(words(printed))) {
            return false;
        }
        Matcher a = NUMBER.matcher(shown);
        Matcher b = NUMBER.matcher(printed);
        while (a.find() && b.find()) {
            int digits = a.group(1) == null ? 0 : Math.min(a.group(1).length(), MOST_DIGITS);
            double unit = digits == 0 ? 0 : 2.001 * Math.pow(10, -digits);
            if (Math.abs(Double.parseDouble(a.group()) - Double.parseDouble(b.group())) > unit) {
                return false;
            }
        }
        return true;
    }

    private static String words(String line) {
        return NUMBER.matcher(line).replaceAll("#").replaceAll("\\s+", " ").strip();
    }
}
