package org.finitentk.text;

/**
 * The numbers that every text gets besides its own.
 *
 * @param first before the first text
 * @param separator after each text
 * @param padding after the last
 * @param vocabulary how many numbers there are
 */
record SpecialTokens(int first, int separator, int padding, int vocabulary) {
    SpecialTokens {
        if (Math.min(first, Math.min(separator, padding)) < 0
                || Math.max(first, Math.max(separator, padding)) >= vocabulary) {
            throw new IllegalArgumentException("the special tokens " + first + ", " + separator + " and " + padding
                    + " are not numbers of a vocabulary of " + vocabulary + "; the stored transformer is damaged");
        }
    }

    static SpecialTokens of(Vocabulary vocabulary) {
        return new SpecialTokens(
                vocabulary.id(vocabulary.template().first()),
                vocabulary.id(vocabulary.template().separator()),
                vocabulary.id(vocabulary.template().padding()),
                vocabulary.size());
    }
}
