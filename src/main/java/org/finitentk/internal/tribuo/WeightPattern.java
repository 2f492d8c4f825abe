package org.finitentk.internal.tribuo;

import com.oracle.labs.mlrg.olcut.config.PropertyException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Regular expressions over the names of weights, as text: "" stands for none. */
public final class WeightPattern {
    private WeightPattern() {}

    /** The expression that a property was set to. */
    public static @Nullable Pattern configured(String property, String expression) {
        if (expression.contains("${")) {
            throw new PropertyException(
                    "",
                    property,
                    "the regular expression '" + expression
                            + "' contains ${, which configuration files take for a global property; write "
                            + "$[{] instead");
        }
        try {
            return parsed(expression);
        } catch (PatternSyntaxException e) {
            throw new PropertyException(
                    e,
                    "",
                    property,
                    property + " is '" + expression + "', which is not a regular expression: " + e.getDescription());
        }
    }

    /** The expression that a stored model has. */
    public static @Nullable Pattern stored(String expression) {
        try {
            return parsed(expression);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "the stored model's parameter selection '" + expression
                            + "' is no regular expression; the model is damaged",
                    e);
        }
    }

    private static @Nullable Pattern parsed(String expression) {
        return expression.isEmpty() ? null : Pattern.compile(expression);
    }

    /** The expression for storing. */
    public static String text(@Nullable Pattern pattern) {
        return pattern == null ? "" : pattern.pattern();
    }
}
