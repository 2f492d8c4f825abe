package org.finitentk.internal.report;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the SVG writer leaves to be desired of its text. */
final class SvgText {
    private static final Pattern TAG = Pattern.compile("<[^>]*>");
    private static final Pattern ROOT = Pattern.compile("<svg([^>]*)>");
    private static final Pattern EXCESS_DIGITS = Pattern.compile("(\\d\\.\\d\\d)\\d+");

    private SvgText() {}

    /**
     * The writer names this machine's font only, and a viewer without it should take another sans-serif one; it writes
     * coordinates with fifteen digits, of which a hundredth of a pixel is worth keeping; and it has no words for those
     * who do not see the picture.
     */
    static String tidied(String svg, String title, String description) {
        // Within tags only: a number in a text is the reader's.
        String shorter = TAG.matcher(svg)
                .replaceAll(tag -> Matcher.quoteReplacement(EXCESS_DIGITS
                        .matcher(tag.group())
                        .replaceAll("$1")
                        .replaceAll("font-family:(&quot;[^&;]*&quot;);", "font-family:$1,sans-serif;")));
        return ROOT.matcher(shorter)
                .replaceFirst(root -> Matcher.quoteReplacement("<svg role=\"img\"" + root.group(1) + "><title>"
                        + HtmlText.escaped(title) + "</title><desc>" + HtmlText.escaped(description) + "</desc>"));
    }
}
