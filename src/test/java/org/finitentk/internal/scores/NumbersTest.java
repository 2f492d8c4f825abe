package org.finitentk.internal.scores;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.12345, 0.1235",
        "123.456, 123.5",
        "12345.6, 12350",
        "-0.5, -0.5",
        "0.001234, 0.001234",
        "0.0001234, 1.234e-4",
        "99999, 100000",
        "621600, 6.216e5",
        "1234567, 1.235e6",
        "-1.1e7, -1.100e7",
        "NaN, -",
        "Infinity, inf",
        "-Infinity, -inf",
        "1, 1",
        "0.999999, 1.000"
    })
    void aNumberHasFourDigits(double value, String expected) {
        assertEquals(expected, Numbers.plain(value));
    }

    @ParameterizedTest
    @CsvSource({
        "621600, 550000, 6.2e5 ± 5.5e5",
        "0.53217, 0.0123, 0.532 ± 0.012",
        "-0.53217, 0.0123, -0.532 ± 0.012",
        "2, 1, 2.0 ± 1.0",
        "12346, 550, 12350 ± 550",
        "0.53217, 0.0996, 0.53 ± 0.10",
        "0.5, 0.0999, 0.50 ± 0.10",
        "16000, 550000, 2e4 ± 5.5e5",
        "12, 550000, 0 ± 5.5e5",
        "0.00001234, 0.00000056, 1.234e-5 ± 5.6e-7",
        "1.23456789, 1e-9, 1.23457 ± 0.0000000010",
        "1234567890, 1, 1.23457e9 ± 1.0e0",
        "3, 0, 3 ± 0"
    })
    void aValueHasTheDigitsThatItsErrorLeaves(double value, double error, String expected) {
        assertEquals(expected, Numbers.measured(value, error, "").text());
        assertEquals(expected + " s", Numbers.measured(value, error, " s").text());
    }

    @ParameterizedTest
    @CsvSource({
        "1e-17, 0, 1, 0",
        "0.30000000000000004, 0, 1, 0.3",
        "20, 0, 60, 20",
        "100000, 0, 300000, 1e5",
        "2500000, 0, 3000000, 2.5e6",
        "0.00001, 0, 0.00003, 1e-5",
        "1000.001, 1000, 1000.002, 1000.001",
        "1000.0015, 1000, 1000.002, 1000.0015",
        "-5e-8, -1e-7, 1e-7, -5e-8"
    })
    void aTickHasTheDigitsThatTellItFromTheNext(double value, double low, double high, String expected) {
        assertEquals(expected, Numbers.tick(value, new Range(low, high)));
    }
}
