package org.finitentk.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A line of an error can be pasted into a shell, whatever blanks and quotes labels have. */
final class OptionWordsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "yes | give --positive-label yes",
                "red wine | give --positive-label 'red wine'",
                "it's | give --positive-label 'it'\\''s'",
                "a, b | give --positive-label 'a, b'",
                "&lt;5 &quot;low&quot; &amp;lt; | give --positive-label '<5 \"low\" &lt;'",
            })
    void aLabelIsOneWord(String label, String said) {
        assertEquals(said, OptionWords.of("set <property name=\"positiveLabel\" value=\"" + label + "\"/>"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "<item>a</item><item>b c</item> | --labels 'a,b c'",
                "<item>a, b</item><item>c</item> | --labels '\"a, b\",c'",
            })
    void aListOfLabelsIsOneWord(String items, String said) {
        assertEquals(said, OptionWords.of("<propertylist name=\"outputNames\">" + items + "</propertylist>"));
    }
}
