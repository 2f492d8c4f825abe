package org.finitentk.provenance;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.oracle.labs.mlrg.olcut.config.protobuf.ProtoProvenanceSerialization;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.RootProvenanceProto;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.finitentk.protos.TokenTransformerProto;
import org.finitentk.provenance.ReproductionResult.Difference;
import org.finitentk.provenance.ReproductionResult.Difference.Kind;
import org.jspecify.annotations.Nullable;
import org.tribuo.Model;
import org.tribuo.protos.core.CategoricalIDInfoProto;

/**
 * Compares the protobuf forms of two models byte by byte, whatever their messages are: where bytes differ, they are
 * taken apart as messages, until what differs is a time, Tribuo's version or a provenance, which do not count here
 * ({@link ProvenanceComparison} sees them), or something that was learned. Entries of maps may come in any order.
 */
final class StoredContent {
    private static final Pattern ESTIMATE = Pattern.compile(" about [0-9.]+ s and [0-9.]+ MiB");

    private final List<Difference> differences = new ArrayList<>();

    /** Whether an earlier version trained the original, so that it did not store all that is stored now. */
    private final boolean older;

    private final ByteString originalVersion;
    private final ByteString reproducedVersion;

    private StoredContent(Model<?> original, Model<?> reproduced) {
        older = ProvenanceComparison.isEarlier(original.getProvenance());
        originalVersion = ByteString.copyFromUtf8(original.getProvenance().getTribuoVersion());
        reproducedVersion = ByteString.copyFromUtf8(reproduced.getProvenance().getTribuoVersion());
    }

    /**
     * Compares two models.
     *
     * @throws UnsupportedOperationException if Tribuo cannot store such a model
     */
    static List<Difference> compare(Model<?> original, Model<?> reproduced) {
        StoredContent comparison = new StoredContent(original, reproduced);
        comparison.compare(
                "stored model",
                original.serialize().toByteString(),
                reproduced.serialize().toByteString());
        return comparison.differences;
    }

    private void compare(String path, ByteString a, ByteString b) {
        if (a.equals(b)
                || isSameFeature(a, b)
                || isSameTokenizer(a, b)
                || isTime(a) && isTime(b)
                || a.equals(originalVersion) && b.equals(reproducedVersion)
                || isProvenance(a) && isProvenance(b)
                || isSameReason(a, b)) {
            return;
        }
        UnknownFieldSet original = message(a);
        UnknownFieldSet reproduced = message(b);
        if (original != null && reproduced != null) {
            compare(path, original, reproduced);
        } else {
            differences.add(new Difference(
                    Kind.CONTENT,
                    path,
                    a.size() + " bytes",
                    b.size() == a.size() ? "other values" : b.size() + " bytes"));
        }
    }

    private void compare(String path, UnknownFieldSet a, UnknownFieldSet b) {
        Set<Integer> numbers = new TreeSet<>(a.asMap().keySet());
        numbers.addAll(b.asMap().keySet());
        for (int number : numbers) {
            if (older && (isNew(a.getField(number), b.getField(number)) || isUnknown(a.getField(number)))) {
                differences.add(new Difference(
                        Kind.ENVIRONMENT,
                        path + "." + number,
                        Difference.ABSENT,
                        b.getField(number).getLengthDelimitedList().size() + " values"));
            } else {
                compare(path + "." + number, a.getField(number), b.getField(number));
            }
        }
    }

    /** A number that was not computed. */
    private static boolean isUnknown(UnknownFieldSet.Field a) {
        return a.getFixed64List().size() == 1
                && Double.isNaN(Double.longBitsToDouble(a.getFixed64List().get(0)));
    }

    /** Texts, bytes or messages where there was nothing at all; a number that is absent is 0. */
    private static boolean isNew(UnknownFieldSet.Field a, UnknownFieldSet.Field b) {
        return a.equals(UnknownFieldSet.Field.getDefaultInstance())
                && !b.getLengthDelimitedList().isEmpty();
    }

    private void compare(String path, UnknownFieldSet.Field a, UnknownFieldSet.Field b) {
        if (!a.getVarintList().equals(b.getVarintList())
                || !a.getFixed32List().equals(b.getFixed32List())
                || !a.getFixed64List().equals(b.getFixed64List())
                || !a.getGroupList().equals(b.getGroupList())) {
            differences.add(new Difference(Kind.CONTENT, path, "one number", "another"));
        }
        List<ByteString> original = a.getLengthDelimitedList();
        List<ByteString> reproduced = b.getLengthDelimitedList();
        if (original.size() != reproduced.size()) {
            differences.add(
                    new Difference(Kind.CONTENT, path, original.size() + " values", reproduced.size() + " values"));
            return;
        }
        Map<ByteString, ByteString> originalMap = original.equals(reproduced) ? null : entries(original);
        Map<ByteString, ByteString> reproducedMap = originalMap == null ? null : entries(reproduced);
        if (originalMap != null && reproducedMap != null && originalMap.keySet().equals(reproducedMap.keySet())) {
            originalMap.forEach(
                    (key, entry) -> compare(path, entry, reproducedMap.getOrDefault(key, ByteString.EMPTY)));
            return;
        }
        for (int i = 0; i < original.size(); i++) {
            compare(original.size() == 1 ? path : path + "[" + i + "]", original.get(i), reproduced.get(i));
        }
    }

    /** Messages that look like the entries of one map: key in field 1, value in field 2, no key twice. */
    private static @Nullable Map<ByteString, ByteString> entries(List<ByteString> messages) {
        Map<ByteString, ByteString> entries = new HashMap<>();
        for (ByteString bytes : messages) {
            UnknownFieldSet message = message(bytes);
            if (message == null
                    || !message.hasField(1)
                    || !Set.of(1, 2).containsAll(message.asMap().keySet())
                    || entries.put(
                                    UnknownFieldSet.newBuilder()
                                            .addField(1, message.getField(1))
                                            .build()
                                            .toByteString(),
                                    bytes)
                            != null) {
                return null;
            }
        }
        return entries.size() > 1 ? entries : null;
    }

    /**
     * Tribuo keeps how often a feature had each value in a hash map, which a model that was loaded may list in another
     * order.
     */
    private static boolean isSameFeature(ByteString a, ByteString b) {
        try {
            CategoricalIDInfoProto original = Any.parseFrom(a).unpack(CategoricalIDInfoProto.class);
            CategoricalIDInfoProto reproduced = Any.parseFrom(b).unpack(CategoricalIDInfoProto.class);
            return counts(original).equals(counts(reproduced))
                    && withoutCounts(original).equals(withoutCounts(reproduced));
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    /** The name of the file that a tokenizer was read from is a place, as a provenance's paths are. */
    private static boolean isSameTokenizer(ByteString a, ByteString b) {
        try {
            TokenTransformerProto original = Any.parseFrom(a).unpack(TokenTransformerProto.class);
            TokenTransformerProto reproduced = Any.parseFrom(b).unpack(TokenTransformerProto.class);
            return original.toBuilder()
                    .setTokenizer(reproduced.getTokenizer())
                    .build()
                    .equals(reproduced);
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    private static List<List<Number>> counts(CategoricalIDInfoProto feature) {
        return IntStream.range(0, Math.min(feature.getKeyCount(), feature.getValueCount()))
                .boxed()
                .sorted(Comparator.comparingDouble(feature::getKey))
                .map(i -> List.<Number>of(feature.getKey(i), feature.getValue(i)))
                .toList();
    }

    private static CategoricalIDInfoProto withoutCounts(CategoricalIDInfoProto feature) {
        return feature.toBuilder().clearKey().clearValue().build();
    }

    private static @Nullable UnknownFieldSet message(ByteString bytes) {
        try {
            return bytes.isEmpty() ? null : UnknownFieldSet.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private static boolean isTime(ByteString bytes) {
        if (bytes.size() < 16 || bytes.size() > 40 || !bytes.isValidUtf8()) {
            return false;
        }
        try {
            OffsetDateTime.parse(bytes.toStringUtf8());
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    /**
     * Words about the choice of a solver: seconds and memory are the version's guesses, and nothing else comes of them
     * than the solver, which is stored too.
     */
    private static boolean isSameReason(ByteString a, ByteString b) {
        return a.isValidUtf8()
                && b.isValidUtf8()
                && ESTIMATE.matcher(a.toStringUtf8()).find()
                && ESTIMATE.matcher(a.toStringUtf8())
                        .replaceAll("")
                        .equals(ESTIMATE.matcher(b.toStringUtf8()).replaceAll(""));
    }

    private static boolean isProvenance(ByteString bytes) {
        try {
            RootProvenanceProto proto = RootProvenanceProto.parseFrom(bytes);
            if (!proto.getUnknownFields().asMap().isEmpty()) {
                return false;
            }
            return !new ProtoProvenanceSerialization(false)
                    .deserializeFromProto(proto)
                    .isEmpty();
        } catch (InvalidProtocolBufferException | RuntimeException e) {
            return false;
        }
    }
}
