package org.finitentk.cli;

import java.util.Locale;
import org.finitentk.internal.autodiff.OperatorSupport;
import picocli.CommandLine.IVersionProvider;

/**
 * What {@code inspect --operators} prints: it needs no model, as {@code --version} does not, and takes the same way
 * past the check that there is one.
 */
final class OperatorList implements IVersionProvider {
    static final String OPTION = "--operators";

    OperatorList() {}

    @Override
    public String[] getVersion() {
        return OperatorSupport.all().stream().map(OperatorList::line).toArray(String[]::new);
    }

    private static String line(OperatorSupport support) {
        String kind = support.kind().name().toLowerCase(Locale.ROOT);
        String condition = support.condition().isEmpty() ? "" : ", " + support.condition();
        return String.format(Locale.ROOT, "%-28s %s%s", support.operator(), kind, condition);
    }
}
