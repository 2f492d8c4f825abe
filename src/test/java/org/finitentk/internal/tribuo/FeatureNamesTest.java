package org.finitentk.internal.tribuo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which names are one prefix and the numbers of all positions. */
final class FeatureNamesTest {
    private static List<String> formatted(String format, int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(i -> String.format(format, i))
                .toList();
    }

    static Stream<List<String>> numbered() {
        return Stream.of(
                formatted("x%d", 0, 11),
                formatted("x%d", 1, 12),
                formatted("%d", 0, 1),
                formatted("%d", 1, 120),
                formatted("%03d", 0, 783),
                // As Tribuo's LibSVM and IDX sources write them.
                formatted("%02d", 1, 13),
                // At least two digits, more where needed.
                formatted("p%02d", 1, 105),
                formatted("pixel_%d", 0, 9),
                formatted("feature-%d", 1, 9),
                // A prefix that ends in digits.
                formatted("layer2_x1%d", 0, 11),
                formatted("v2.%d", 1, 3),
                formatted("x%d@value", 0, 11),
                formatted("x%030d", 1, 4),
                formatted("größe %d", 1, 2));
    }

    @ParameterizedTest
    @MethodSource("numbered")
    void numbersGiveTheOrder(List<String> names) {
        List<String> shuffled = new ArrayList<>(names);
        for (int seed = 0; seed < 5; seed++) {
            Collections.shuffle(shuffled, new Random(seed));
            assertEquals(names, NumberedNames.byNumber(shuffled));
        }
    }

    /** Names that are separated by bars. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "alcohol|pH", "x0|x2", "x1|x3", "x2|x3", "x0|x1|x3", "x1|x01", "x0|x01|x2", "x1|x02|x3", "x0|y1",
                        "X0|x1",
                "-1|-2", "x-1|x0|x1", "x1.5|x2.5", "x|x1", "x|x0|x1", "|1|2", "x0|x1|x", "x1a|x2a", "x0@value|x1",
                        "x0@a|x1@b",
                "x99999999999999999999|x1", "x0|x4294967297", "x0|x18446744073709551617", "x٠|x١", "x 1|x2", "b1|a2",
                        "x1|x2|x2x"
            })
    void anythingElseDoesNot(String names) {
        assertEquals(List.of(), NumberedNames.byNumber(List.of(names.split("\\|", -1))));
    }

    @Test
    void aSentenceHasSomeOfManyNames() {
        String shown = FeatureNames.shown(formatted("x%0900d", 1, 100_000));
        assertTrue(shown.length() < 1200 && shown.endsWith(" and 99980 more"), shown);
        assertEquals("'a', 'b'", FeatureNames.shown(List.of("a", "b")));
    }

    @Test
    void aSuffixIsOneThatAllNamesHave() {
        assertEquals("@value", FeatureNames.suffix(List.of("a@value", "b@c@value")));
        assertEquals("", FeatureNames.suffix(List.of("a@value", "b")));
        assertEquals("", FeatureNames.suffix(List.of("@value", "b@value")));
        assertEquals("", FeatureNames.suffix(List.of("a@x", "b@y")));
        assertEquals("", FeatureNames.suffix(List.of()));
    }
}
