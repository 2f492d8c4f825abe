package org.finitentk.internal.report;

/** What a picture is drawn on. Both have the same lines in the same places, so that a page can show either. */
public enum ColorScheme {
    /** Dark ink on white: for print, and for pages of which nothing is known. */
    LIGHT(""),
    /** Light ink on near black: for readers who prefer dark pages. */
    DARK("-dark");

    private final String suffix;

    ColorScheme(String suffix) {
        this.suffix = suffix;
    }

    /** What a file's name has before its ending. */
    String suffix() {
        return suffix;
    }

    Palette palette() {
        return this == LIGHT ? Palette.LIGHT : Palette.DARK;
    }
}
