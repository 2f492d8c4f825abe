package org.finitentk.cli;

import org.finitentk.internal.util.ProjectVersion;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
    Version() {}

    @Override
    public String[] getVersion() {
        return new String[] {"tribuo-finite-ntk " + ProjectVersion.current()};
    }
}
