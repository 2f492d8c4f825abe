package org.finitentk.internal.network;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.finitentk.internal.autodiff.Linearization;
import org.finitentk.internal.autodiff.PerExample;
import org.finitentk.internal.runtime.RunSettings;

/**
 * The per-example graphs of a network that were used last. Deriving one and opening its sessions takes longer than
 * running it on a few examples; each keeps native memory, so that only some are kept. Thread safe.
 */
final class PerExampleCache implements AutoCloseable {
    /** Fitting and predicting take three, and as many again for a view at other parameters. */
    static final int MOST = 6;

    private final RunSettings settings;
    /** The one used last at the end. */
    private final List<PerExampleSessions> kept = new ArrayList<>();

    private final Map<PerExampleSessions, Integer> users = new HashMap<>();

    PerExampleCache(RunSettings settings) {
        this.settings = settings;
    }

    /** The sessions for these arguments, not closed before {@link #release}, unless with the whole cache. */
    synchronized PerExampleSessions acquire(
            Linearization linearization, PerExample.Choice choice, boolean parametersAsInputs, boolean staged) {
        PerExampleSessions sessions = kept.stream()
                .filter(candidate -> candidate.serves(choice, parametersAsInputs, staged))
                .findFirst()
                .orElseGet(() -> new PerExampleSessions(linearization, choice, parametersAsInputs, staged, settings));
        kept.remove(sessions);
        kept.add(sessions);
        users.merge(sessions, 1, Integer::sum);
        closeSurplus();
        return sessions;
    }

    /** Ends one use. */
    synchronized void release(PerExampleSessions sessions) {
        users.computeIfPresent(sessions, (key, count) -> count == 1 ? null : Integer.valueOf(count - 1));
        closeSurplus();
    }

    synchronized int size() {
        return kept.size();
    }

    /** Those in use stay, however many they are. */
    private void closeSurplus() {
        for (int i = 0; i < kept.size() && kept.size() > MOST; ) {
            if (users.containsKey(kept.get(i))) {
                i++;
            } else {
                kept.remove(i).close();
            }
        }
    }

    /** Closes all sessions; nobody may run them any more. */
    @Override
    public synchronized void close() {
        kept.forEach(PerExampleSessions::close);
        kept.clear();
        users.clear();
    }
}
