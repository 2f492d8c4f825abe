package org.finitentk.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.finitentk.internal.table.Columns;

/** What trainers say in the words of their properties, in the words of {@code train}'s options. */
final class OptionWords {
    private static final Pattern LIST = Pattern.compile("<propertylist name=\"outputNames\">(.*?)</propertylist>");
    private static final Pattern POSITIVE = Pattern.compile("set <property name=\"positiveLabel\" value=\"(.*?)\"/>");
    private static final Pattern ITEM = Pattern.compile("<item>(.*?)</item>");

    private OptionWords() {}

    static String of(String message) {
        String text = LIST.matcher(message)
                .replaceAll(list -> Matcher.quoteReplacement("--labels " + Columns.line(items(list.group(1)))));
        text = POSITIVE.matcher(text)
                .replaceAll(label ->
                        Matcher.quoteReplacement("give --positive-label " + Columns.word(plain(label.group(1)))));
        return text.replaceAll("set (the )?outputNames to", "give with --labels")
                .replaceAll("set positiveLabel to", "name with --positive-label")
                .replaceAll("\\b(outputStructure|structure)=SHARED", "--structure shared")
                .replaceAll("set unlistedFeatures IGNORE to leave columns out", "name the columns with --features")
                .replaceAll("as 'features' of OnnxBackbone", "with --features")
                .replaceAll("'features' of the backbone", "--features")
                .replaceAll("\\boutputNames\\b", "--labels")
                .replace("; to keep it, set lastActivation=KEPT", "")
                .replace("set minimumPriorVariance to", "set, of a trainer in --config, minimumPriorVariance to")
                .replaceAll("\\bpositiveLabel\\b", "--positive-label")
                .replace(" (inputShape of OnnxBackbone)", "")
                .replaceAll("\\binputShape\\b", "--input-shape")
                .replaceAll("\\(length of TokenTransformer is", "(--length is")
                .replaceAll("\\binputValues\\b", "--input-value");
    }

    private static List<String> items(String list) {
        List<String> items = new ArrayList<>();
        Matcher item = ITEM.matcher(list);
        while (item.find()) {
            items.add(plain(item.group(1)));
        }
        return items;
    }

    private static String plain(String xml) {
        return xml.replace("&quot;", "\"").replace("&lt;", "<").replace("&amp;", "&");
    }
}
