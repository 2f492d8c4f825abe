package org.finitentk.internal.linalg;

import java.util.function.IntSupplier;
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
