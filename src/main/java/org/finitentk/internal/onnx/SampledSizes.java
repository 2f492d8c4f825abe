package org.finitentk.internal.onnx;

import java.util.List;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.finitentk.onnx.InvalidModelException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the numbers that stand for open sizes while shapes are inferred out of messages: nobody entered them. They are
 * the numbers that differ between the messages about two samples.
 */
final class SampledSizes {
    private static final Pattern NUMBER = Pattern.compile("-?\\d+");

    private SampledSizes() {}

    /**
     * A message without such numbers.
     *
     * @param refusal about one sample
     * @param other asks for the message about the other, null if it is not refused
     * @return the message with '?' in their place
     */
    static String hidden(InvalidModelException refusal, Supplier<@Nullable String> other) {
        String message = String.valueOf(refusal.getMessage());
        String second = other.get();
        if (message.equals(second)) {
            return message;
        }
        List<String> own = numbers(message);
        List<String> others = second == null ? List.of() : numbers(second);
        boolean comparable = second != null
                && NUMBER.matcher(message)
                        .replaceAll("?")
                        .equals(NUMBER.matcher(second).replaceAll("?"));
        StringBuilder hidden = new StringBuilder();
        Matcher matcher = NUMBER.matcher(message);
        for (int i = 0; matcher.find(); i++) {
            boolean keep = comparable && own.get(i).equals(others.get(i));
            matcher.appendReplacement(hidden, keep ? matcher.group() : "?");
        }
        return matcher.appendTail(hidden).toString();
    }

    private static List<String> numbers(String text) {
        return NUMBER.matcher(text).results().map(MatchResult::group).toList();
    }
}
