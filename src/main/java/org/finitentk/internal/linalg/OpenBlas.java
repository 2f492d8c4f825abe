package org.finitentk.internal.linalg;

import java.util.function.IntSupplier;
import org.bytedeco.openblas.global.openblas;
import org.finitentk.internal.util.UseGate;

/**
 * The calls of OpenBLAS. A JVM that ends takes the library's memory away, whatever is being multiplied in it: seen were
 * a segmentation fault, and a process that never ended. So the end waits for the calls under way, and new ones are
 * refused.
 */
final class OpenBlas {
    private static final UseGate CALLS =
            new UseGate("this program is being ended, so that no more matrices are multiplied");

    static {
        Thread end = new Thread(() -> CALLS.close(() -> {}), "end of OpenBLAS");
        try {
            Runtime.getRuntime().addShutdownHook(end);
        } catch (IllegalStateException e) {
            CALLS.close(() -> {}); // the end has begun before the first call
        }
    }

    private OpenBlas() {}

    static void run(Runnable call) {
        CALLS.enter();
        try {
            call.run();
        } finally {
            CALLS.exit();
        }
    }

    /** Computations under way whose calls are not to be shared out among the library's threads. */
    private static int undivided;
    /** The library's threads when the first of them began. */
    private static int threads;

    /** Each call computes on its caller's thread alone, until {@link #divide}. */
    static synchronized void undivide() {
        if (undivided++ == 0) {
            threads = openblas.blas_get_num_threads();
            openblas.blas_set_num_threads(1);
        }
    }

    static synchronized void divide() {
        if (--undivided == 0) {
            openblas.blas_set_num_threads(threads);
        }
    }

    /** Returns LAPACK's info. */
    static int info(IntSupplier call) {
        CALLS.enter();
        try {
            return call.getAsInt();
        } finally {
            CALLS.exit();
        }
    }
}
