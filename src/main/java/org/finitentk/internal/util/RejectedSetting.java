package org.finitentk.internal.util;

/** A setting that is out of range, and which one, so that whoever configured it under that name can be told. */
public final class RejectedSetting extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** As records and configurations call it. */
    private final String setting;

    /**
     * Refuses a setting.
     *
     * @param setting its name
     * @param message what was found and what was expected
     */
    public RejectedSetting(String setting, String message) {
        super(message);
        this.setting = setting;
    }

    /**
     * The name of the setting.
     *
     * @return as records and configurations call it
     */
    public String setting() {
        return setting;
    }
}
