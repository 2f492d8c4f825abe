package org.finitentk.internal.autodiff;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every operator's rules, a row a variant; see {@link DerivativeChecker} for what is checked of each. */
final class RulesTest {
    /**
     * A row's network, for other tests.
     *
     * @param name of the row
     * @param opset in whose form its nodes are; 0 for that of graphs in memory
     * @param body the network
     */
    record Entry(String name, long opset, Function<Net, String> body) {}

    /** The rows of one family of operators. */
    static final class Rows {
        private final List<DynamicTest> tests = new ArrayList<>();
        private final List<Entry> entries = new ArrayList<>();

        /**
         * One network; {@code kinds} are the expected kinds of per-example gradients, in the parameters' order, if
         * given.
         */
        void add(String name, Function<Net, String> body, PerExample.Kind... kinds) {
            entries.add(new Entry(name, 0, body));
            tests.add(DynamicTest.dynamicTest(
                    name, () -> Assertions.assertAll(name, () -> DerivativeChecker.check(body, List.of(kinds)))));
        }

        /**
         * One network with a node that ONNX Runtime cannot run, whose answer contains {@code why}: there is nothing but
         * the reference to compare f with.
         */
        void addWithoutKernel(String name, String why, Function<Net, String> body, PerExample.Kind... kinds) {
            tests.add(DynamicTest.dynamicTest(
                    name,
                    () -> Assertions.assertAll(
                            name, () -> DerivativeChecker.checkWithoutKernel(why, body, List.of(kinds)))));
        }

        /** One network whose nodes have the form of an opset. */
        void add(long opset, String name, Function<Net, String> body) {
            String full = name + ", opset " + opset;
            tests.add(DynamicTest.dynamicTest(
                    full, () -> Assertions.assertAll(full, () -> DerivativeChecker.check(opset, body, List.of()))));
        }

        List<Entry> entries() {
            return entries;
        }

        Stream<DynamicTest> stream() {
            return tests.stream();
        }
    }

    /** All networks of the rows that are in the form of graphs in memory. */
    static List<Entry> entries() {
        Rows rows = new Rows();
        List.<Consumer<Rows>>of(
                        ElementwiseRows::add,
                        ActivationRows::add,
                        ReductionRows::add,
                        NormalizationRows::add,
                        MatrixRows::add,
                        EinsumRows::add,
                        ConvRows::add,
                        ConvTransposeRows::add,
                        PoolingRows::add,
                        MovementRows::add,
                        IndexingRows::add,
                        SpaceRows::add,
                        RecurrentRows::add)
                .forEach(family -> family.accept(rows));
        return rows.entries();
    }

    @TestFactory
    Stream<DynamicTest> elementwise() {
        Rows rows = new Rows();
        ElementwiseRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> activation() {
        Rows rows = new Rows();
        ActivationRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> reduction() {
        Rows rows = new Rows();
        ReductionRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> normalization() {
        Rows rows = new Rows();
        NormalizationRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> matrix() {
        Rows rows = new Rows();
        MatrixRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> einsum() {
        Rows rows = new Rows();
        EinsumRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> conv() {
        Rows rows = new Rows();
        ConvRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> convTranspose() {
        Rows rows = new Rows();
        ConvTransposeRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> pooling() {
        Rows rows = new Rows();
        PoolingRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> movement() {
        Rows rows = new Rows();
        MovementRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> indexing() {
        Rows rows = new Rows();
        IndexingRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> space() {
        Rows rows = new Rows();
        SpaceRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> recurrent() {
        Rows rows = new Rows();
        RecurrentRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> branch() {
        Rows rows = new Rows();
        BranchRows.add(rows);
        return rows.stream();
    }

    @TestFactory
    Stream<DynamicTest> opset() {
        Rows rows = new Rows();
        OpsetRows.add(rows);
        OpsetLayerRows.add(rows);
        return rows.stream();
    }
}
