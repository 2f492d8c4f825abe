package org.finitentk.internal.tribuo;

import com.oracle.labs.mlrg.olcut.config.PropertyException;
import org.finitentk.internal.util.RejectedSetting;

/** Checks of objects that OLCUT configures: a setting that is refused is a property of the same name. */
public final class Configured {
    private Configured() {}

    /**
     * Runs checks.
     *
     * @param checks what {@code postConfig} checks
     * @throws PropertyException that names the property, if they refuse a setting
     */
    public static void check(Runnable checks) {
        try {
            checks.run();
        } catch (RejectedSetting e) {
            throw new PropertyException(e, "", e.setting(), String.valueOf(e.getMessage()));
        }
    }
}
