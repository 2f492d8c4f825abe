package org.finitentk.network;

import java.lang.ref.Cleaner;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * The Jacobian J of a network at fixed examples, for many products J v and Jᵀ u, as solvers make them. What does not
 * depend on the vectors (the network's own values, the factors of its derivatives and, where it has one output, the
 * cotangents of each row of J) is computed by the first product and kept for the others. A pair of products then takes
 * 0.3 to 0.4 of what it takes {@link LinearizedNetwork} for 5-200-2000-200-1, 0.6 for a transformer and 0.65 for a
 * residual network of 10 outputs each; the first pair takes about as long as there (ProductsBenchmark). Where what is
 * kept does not fit the memory, or the network runs on a GPU, products are those of {@link LinearizedNetwork}.
 *
 * <p>Made by {@link LinearizedNetwork#keeping}. Thread safe. Must not outlive its network. Closing it lets others keep
 * theirs and use its memory; one that is not closed lets them when it is collected.
 */
public final class LinearizedExamples implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();
    /** What all of them may keep: buffers outside the heap share its limit, and runs need buffers too. */
    private static final long MOST_KEPT = Runtime.getRuntime().maxMemory() / 4;

    private static final AtomicLong KEPT = new AtomicLong();

    private final OpenNetwork network;
    private final CheckedProducts unkept;
    private final Examples x;
    private final long bytes;
    private boolean prepared;
    private Cleaner.@Nullable Cleanable reservation;
    private Map<Product, ChunkedProducts> products = Map.of();
    private final KeptValues values;
    /** Products read what is kept; closing takes it away. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    LinearizedExamples(OpenNetwork network, Examples x, long bytes) {
        this.network = network;
        this.unkept = new CheckedProducts(network);
        this.x = x;
        this.bytes = bytes;
        this.values = new KeptValues(network.scratch());
    }

    /**
     * The examples.
     *
     * @return n examples
     */
    public Examples examples() {
        return x;
    }

    /** Sessions are opened with the first product. */
    private synchronized @Nullable ChunkedProducts products(Product product) {
        if (!prepared) {
            products = ChunkedProducts.keeping(network, x, values, needed -> needed <= bytes && reserve(needed));
            prepared = true;
        }
        return products.get(product);
    }

    private boolean reserve(long needed) {
        if (KEPT.addAndGet(needed) > MOST_KEPT) {
            KEPT.addAndGet(-needed);
            return false;
        }
        reservation = CLEANER.register(this, () -> KEPT.addAndGet(-needed));
        return true;
    }

    /**
     * Whether anything is kept, or going to be by the first product.
     *
     * @return false if products are the network's own
     */
    public boolean isKept() {
        lock.readLock().lock();
        try {
            return products(Product.JVP) != null && products(Product.VJP) != null;
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * The Jacobian times a tangent.
     *
     * @param v tangent of length P
     * @return J v, n·k numbers
     * @throws IllegalArgumentException if the length is not P
     * @throws IllegalStateException if the network is closed
     */
    public double[] jvp(double[] v) {
        return jvp(new double[][] {v})[0];
    }

    /**
     * The Jacobian times several tangents.
     *
     * @param vs tangents of length P
     * @return for each tangent J v, n·k numbers
     * @throws IllegalArgumentException if a length is not P
     * @throws IllegalStateException if the network is closed
     */
    public double[][] jvp(double[][] vs) {
        unkept.requireTangents(vs);
        double[][][] results = new double[1][][];
        reading(() -> {
            ChunkedProducts block = vs.length > 0 ? products(Product.JVP) : null;
            results[0] = block == null ? unkept.jvp(x, vs) : block.jvp(x, vs, null);
            for (int i = 0; i < vs.length; i++) {
                unkept.requireFinite(results[0][i], x, vs[i]);
            }
        });
        return Objects.requireNonNull(results[0]);
    }

    /**
     * The transposed Jacobian times a cotangent, summed over the examples in float64 from chunk to chunk.
     *
     * @param u cotangent, n·k numbers
     * @return Jᵀ u, of length P
     * @throws IllegalArgumentException if the length is not n·k
     * @throws IllegalStateException if the network is closed
     */
    public double[] vjp(double[] u) {
        return vjp(new double[][] {u})[0];
    }

    /**
     * The transposed Jacobian times several cotangents.
     *
     * @param us cotangents, n·k numbers each
     * @return for each cotangent Jᵀ u, of length P
     * @throws IllegalArgumentException if a length is not n·k
     * @throws IllegalStateException if the network is closed
     */
    public double[][] vjp(double[][] us) {
        unkept.requireCotangents(x, us);
        double[][][] results = new double[1][][];
        reading(() -> {
            ChunkedProducts block = us.length > 0 ? products(Product.VJP) : null;
            results[0] = block == null ? unkept.vjp(x, us) : block.vjp(x, us);
            for (int i = 0; i < us.length; i++) {
                unkept.requireFiniteTransposed(results[0][i], x, us[i]);
            }
        });
        return Objects.requireNonNull(results[0]);
    }

    private void reading(Runnable work) {
        lock.readLock().lock();
        try {
            network.use(work);
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Gives up what is kept, once products under way are done; later products are those of the network. May be
     * repeated.
     */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            prepared = true;
            products = Map.of();
            values.close();
            if (reservation != null) {
                reservation.clean();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
