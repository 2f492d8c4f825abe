package org.finitentk.internal.backbone;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.finitentk.internal.tribuo.ModelContent;
import org.finitentk.network.ExecutionSettings;
import org.finitentk.network.LinearizedNetwork;
import org.finitentk.onnx.ParameterSelection;
import org.finitentk.onnx.WeightRule;
import org.jspecify.annotations.Nullable;

/** The networks that are open in this process, by content and settings, each with the number of its users. */
final class NetworkPool {
    static final NetworkPool INSTANCE = new NetworkPool();

    private final Map<Key, Entry> entries = new HashMap<>();

    /** Regular expressions have no equality of their own, so their sources and flags stand in. */
    private record Key(
            String sha256,
            String include,
            String exclude,
            WeightRule rule,
            List<String> names,
            ExecutionSettings settings) {
        static Key of(ModelContent content, ParameterSelection selection, ExecutionSettings settings) {
            return new Key(
                    content.sha256(),
                    text(selection.include()),
                    text(selection.exclude()),
                    selection.rule(),
                    selection.names(),
                    settings);
        }

        private static String text(@Nullable Pattern pattern) {
            return pattern == null ? "" : pattern.flags() + " " + pattern.pattern();
        }
    }

    /**
     * Opening happens under the lock: two threads that want one network at once wait for one session rather than open
     * two.
     */
    synchronized Entry acquire(ModelContent content, ParameterSelection selection, ExecutionSettings settings) {
        Key key = Key.of(content, selection, settings);
        Entry entry = entries.get(key);
        if (entry == null) {
            entry = new Entry(this, key, content.bytes(), content.network(selection, settings));
            entries.put(key, entry);
        }
        entry.users++;
        return entry;
    }

    /** Another user of a network that is open. */
    synchronized Entry acquire(Entry entry) {
        if (entry.users == 0) {
            throw new IllegalStateException("the network was closed by another thread; open it again to use it");
        }
        entry.users++;
        return entry;
    }

    synchronized int openNetworks() {
        return entries.size();
    }

    private synchronized @Nullable Entry dropUser(Entry entry) {
        entry.users--;
        return entry.users == 0 ? entries.remove(entry.key) : null;
    }

    /** One open network. */
    static final class Entry {
        private final NetworkPool pool;
        private final Key key;
        private final byte[] model;
        private final LinearizedNetwork network;
        private int users;

        private Entry(NetworkPool pool, Key key, byte[] model, LinearizedNetwork network) {
            this.pool = pool;
            this.key = key;
            this.model = model;
            this.network = network;
        }

        LinearizedNetwork network() {
            return network;
        }

        byte[] model() {
            return model;
        }

        String sha256() {
            return key.sha256;
        }

        void release() {
            if (pool.dropUser(this) != null) {
                network.close();
            }
        }
    }
}
