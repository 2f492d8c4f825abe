package org.finitentk.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The probability of an interval, as an option has it.
 *
 * @param probability between 0 and 1
 */
record Level(double probability) {
    static final Level USUAL = new Level(0.95);

    @Override
    public String toString() {
        return Double.toString(probability);
    }

    /** Reads the option. */
    static final class Converter implements ITypeConverter<Level> {
        @Override
        public Level convert(String value) {
            try {
                double probability = Double.parseDouble(value);
                if (probability > 0 && probability < 1) {
                    return new Level(probability);
                }
            } catch (NumberFormatException e) {
                throw refused(value);
            }
            throw refused(value);
        }

        private static TypeConversionException refused(String value) {
            return new TypeConversionException("'" + value + "'; expected a probability between 0 and 1, e.g. 0.95");
        }
    }
}
