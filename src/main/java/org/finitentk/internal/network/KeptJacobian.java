package org.finitentk.internal.network;

import java.lang.ref.Cleaner;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.finitentk.network.Examples;
import org.finitentk.network.LinearizedExamples;
import org.jspecify.annotations.Nullable;

/** Keeps what does not depend on the vectors, in what memory there is; one that is collected gives its own back. */
final class KeptJacobian implements LinearizedExamples {
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

    KeptJacobian(OpenNetwork network, Examples x, long bytes) {
        this.network = network;
        this.unkept = new CheckedProducts(network);
        this.x = x;
        this.bytes = bytes;
        this.values = new KeptValues(network.scratch());
    }

    @Override
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

    @Override
    public boolean isKept() {
        lock.readLock().lock();
        try {
            return products(Product.JVP) != null && products(Product.VJP) != null;
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public double[] jvp(double[] v) {
        return jvp(new double[][] {v})[0];
    }

    @Override
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

    @Override
    public double[] vjp(double[] u) {
        return vjp(new double[][] {u})[0];
    }

    @Override
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
