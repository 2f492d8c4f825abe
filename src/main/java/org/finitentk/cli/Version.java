package org.finitentk.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;

/** The version in the jar's manifest. */
final class Version implements IVersionProvider {
    Version() {
    }

    @Override
    public String[] getVersion() {
        return new String[] {"tribuo-finite-ntk " + version()};
    }

    static String version() {
        @Nullable String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }
}
