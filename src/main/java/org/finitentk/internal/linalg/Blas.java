package org.finitentk.internal.linalg;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.finitentk.internal.util.NativeFolder;

/** Matrix products on OpenBLAS. Matrices are row-major; leading dimensions count elements between rows. */
public final class Blas {
    /** OpenBLAS, its interface for Java, and what they need, unpacked. */
    private static final long LIBRARY_BYTES = 96L << 20;
    /** Why the library did not load, or an empty string. A static initializer that throws would hide the sentence. */
    private static final String FAILURE = load();

    private Blas() {}

    private static String load() {
        try {
            Loader.load(openblas.class);
            return "";
        } catch (LinkageError | RuntimeException e) {
            return unpacking().explain("OpenBLAS's native library for " + Loader.getPlatform(), e);
        }
    }

    private static NativeFolder unpacking() {
        try {
            return new NativeFolder(Loader.getCacheDir().toPath(), "-Dorg.bytedeco.javacpp.cachedir", LIBRARY_BYTES);
        } catch (IOException e) {
            return new NativeFolder(Path.of(System.getProperty("user.home")), "-Duser.home", LIBRARY_BYTES);
        }
    }

    /**
     * Makes the native library ready; what calls the library calls this method first.
     *
     * @throws IllegalStateException if the library does not load; the message says why
     */
    static void ensureLoaded() {
        if (!FAILURE.isEmpty()) {
            throw new IllegalStateException(FAILURE);
        }
    }

    /**
     * Computes something that makes many calls of small matrices from several threads. The library would share out each
     * call among its own threads, which then wait for each other for longer than they compute (400 × 400 matrices
     * factorized by two threads of the library: up to ten times as long). So each call meanwhile computes on its
     * caller's thread; results do not depend on the library's threads.
     *
     * @param <T> what is computed
     * @param computation makes the calls
     * @return what it computed
     */
    public static <T> T undivided(Supplier<T> computation) {
        ensureLoaded();
        OpenBlas.undivide();
        try {
            return computation.get();
        } finally {
            OpenBlas.divide();
        }
    }

    /**
     * C = A B + beta C.
     *
     * @param a A
     * @param b B
     * @param beta factor of C before
     * @param c C, overwritten; not transposed
     * @throws IllegalArgumentException if the matrices have no such product, or an array is too short
     */
    public static void gemm(ArrayMatrix a, ArrayMatrix b, double beta, ArrayMatrix c) {
        gemm(1, a, b, beta, c);
    }

    /**
     * C = alpha A B + beta C.
     *
     * @param alpha factor of the product
     * @param a A
     * @param b B
     * @param beta factor of C before
     * @param c C, overwritten; not transposed
     * @throws IllegalArgumentException if the matrices have no such product, or an array is too short
     */
    public static void gemm(double alpha, ArrayMatrix a, ArrayMatrix b, double beta, ArrayMatrix c) {
        if (c.rows() == 0 || c.columns() == 0) {
            return;
        }
        ensureLoaded();
        requireProduct(a.height(), a.width(), b.height(), b.width(), c.isTransposed() ? -1 : c.rows(), c.columns());
        a.require("A");
        b.require("B");
        c.require("C");
        OpenBlas.run(() -> openblas.cblas_dgemm(
                openblas.CblasRowMajor,
                transpose(a.isTransposed()),
                transpose(b.isTransposed()),
                c.rows(),
                c.columns(),
                a.width(),
                alpha,
                a.elements(),
                Math.max(1, a.columns()),
                b.elements(),
                Math.max(1, b.columns()),
                beta,
                c.elements(),
                c.columns()));
    }

    /**
     * C = A B + beta C on parts of native memory.
     *
     * @param a A
     * @param b B
     * @param beta factor of C before
     * @param c C
     * @throws IllegalArgumentException if the matrices have no such product
     * @throws IndexOutOfBoundsException if a matrix does not lie inside its memory
     */
    public static void gemm(
            NativeMatrix<NativeDoubles> a, NativeMatrix<NativeDoubles> b, double beta, NativeMatrix<NativeDoubles> c) {
        requireProduct(a, b, c);
        if (c.size() > 0) {
            OpenBlas.run(() -> openblas.cblas_dgemm(
                    openblas.CblasRowMajor,
                    transpose(a.isTransposed()),
                    transpose(b.isTransposed()),
                    c.rows(),
                    c.columns(),
                    a.width(),
                    1,
                    a.memory().at(a.at(), a.size()),
                    Math.max(1, a.leading()),
                    b.memory().at(b.at(), b.size()),
                    Math.max(1, b.leading()),
                    beta,
                    c.memory().at(c.at(), c.size()),
                    c.leading()));
        }
    }

    /**
     * C = A B + beta C on parts of native memory in single precision.
     *
     * @param a A
     * @param b B
     * @param beta factor of C before
     * @param c C
     * @throws IllegalArgumentException if the matrices have no such product
     * @throws IndexOutOfBoundsException if a matrix does not lie inside its memory
     */
    public static void gemm(
            NativeMatrix<NativeFloats> a, NativeMatrix<NativeFloats> b, float beta, NativeMatrix<NativeFloats> c) {
        requireProduct(a, b, c);
        if (c.size() > 0) {
            OpenBlas.run(() -> openblas.cblas_sgemm(
                    openblas.CblasRowMajor,
                    transpose(a.isTransposed()),
                    transpose(b.isTransposed()),
                    c.rows(),
                    c.columns(),
                    a.width(),
                    1,
                    a.memory().at(a.at(), a.size()),
                    Math.max(1, a.leading()),
                    b.memory().at(b.at(), b.size()),
                    Math.max(1, b.leading()),
                    beta,
                    c.memory().at(c.at(), c.size()),
                    c.leading()));
        }
    }

    private static void requireProduct(NativeMatrix<?> a, NativeMatrix<?> b, NativeMatrix<?> c) {
        requireProduct(a.height(), a.width(), b.height(), b.width(), c.isTransposed() ? -1 : c.rows(), c.columns());
    }

    /** Heights and widths of A, B and C; a C that is transposed has none. */
    private static void requireProduct(int m, int k, int inner, int n, int height, int width) {
        if (m != height || k != inner || n != width) {
            throw new IllegalArgumentException("a matrix of " + m + " x " + k + " times one of " + inner + " x " + n
                    + " does not fit one of " + height + " x " + width);
        }
    }

    /**
     * C = Aᵀ A + C on native memory, of which only the lower triangle is computed: half of a product's operations.
     *
     * @param n columns of A
     * @param k rows of A
     * @param a holds A, k × n, from its start on
     * @param c holds C, n × n, from its start on
     * @throws IndexOutOfBoundsException if a matrix does not lie inside its memory
     */
    public static void addSquare(int n, int k, NativeDoubles a, NativeDoubles c) {
        if (n > 0 && k > 0) {
            OpenBlas.run(() -> openblas.cblas_dsyrk(
                    openblas.CblasRowMajor,
                    openblas.CblasLower,
                    openblas.CblasTrans,
                    n,
                    k,
                    1,
                    a.at(0, (long) k * n),
                    n,
                    1,
                    c.at(0, (long) n * n),
                    n));
        }
    }

    /**
     * The product of some columns of a matrix in native memory with each other, A_cᵀ A_c.
     *
     * @param a A, rows × width, row after row
     * @param width columns of A
     * @param from the first of the columns
     * @param count how many
     * @return count × count
     * @throws IndexOutOfBoundsException if the columns are not inside the matrix
     */
    public static double[] columnProducts(NativeDoubles a, int width, int from, int count) {
        Objects.checkFromIndexSize(from, count, width);
        double[] products = new double[count * count];
        int rows = Math.toIntExact(a.size() / width);
        if (rows == 0 || count == 0) {
            return products;
        }
        try (NativeDoubles c = new NativeDoubles(products.length)) {
            DoublePointer columns = a.at(from, (long) (rows - 1) * width + count);
            OpenBlas.run(() -> openblas.cblas_dgemm(
                    openblas.CblasRowMajor,
                    openblas.CblasTrans,
                    openblas.CblasNoTrans,
                    count,
                    count,
                    rows,
                    1,
                    columns,
                    width,
                    columns,
                    width,
                    0,
                    c.at(0, products.length),
                    count));
            c.get(0, products, 0, products.length);
        }
        return products;
    }

    private static int transpose(boolean given) {
        return given ? openblas.CblasTrans : openblas.CblasNoTrans;
    }
}
