package org.finitentk.text;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tribuo.Example;
import org.tribuo.Feature;

/**
 * What a feature's name says of a token.
 *
 * @param text the field or tag of its text, "" if there is none
 * @param position among the text's tokens, from 0
 */
record Token(String text, int position) {
    /** Tribuo puts a field and '@', or a tag and '-', before a name. */
    private static final Pattern FEATURE =
            Pattern.compile("(?:(.*)[@-])?" + WordpiecePipeline.NAME + "(\\d{1,9})", Pattern.DOTALL);

    /** Null if the feature is no token. */
    static @Nullable Token of(String feature) {
        Matcher name = FEATURE.matcher(feature);
        if (!name.matches()) {
            return null;
        }
        String text = name.group(1);
        return new Token(text == null ? "" : text, Integer.parseInt(name.group(2)));
    }

    /** The numbers of an example's tokens, text by text: as listed, or of the only one. */
    static List<List<Double>> textsOf(Example<?> example, List<String> texts) {
        List<TreeMap<Integer, Double>> found = new ArrayList<>();
        for (int i = 0; i < Math.max(1, texts.size()); i++) {
            found.add(new TreeMap<>());
        }
        for (Feature feature : example) {
            Token token = of(feature.getName());
            int text = token == null ? -1 : texts.isEmpty() ? 0 : texts.indexOf(token.text());
            if (token != null && text >= 0) {
                found.get(text).put(token.position(), feature.getValue());
            }
        }
        return found.stream().map(tokens -> List.copyOf(tokens.values())).toList();
    }
}
