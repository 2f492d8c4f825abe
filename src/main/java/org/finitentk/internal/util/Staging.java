package org.finitentk.internal.util;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A temporary name beside a target, under which a file or folder is written before it is moved into the target's place.
 *
 * <p>A writer that is killed cannot delete what it has written. Every writer therefore holds the lock of a small file
 * beside its temporary name for as long as it writes; the operating system releases the lock of a process that ends in
 * whatever way. One that is ended by a signal deletes what it has written itself ({@link Unfinished}). A later writer
 * of the same target takes the locks that nobody holds and deletes what belongs to them.
 */
public final class Staging implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Staging.class.getName());
    private static final String LOCK = ".lock";
    private static final String UNFINISHED = ".tmp";
    private static final String REPLACED = ".old";

    private final Path target;
    private final Path path;
    private final Path lockFile;
    private final @Nullable FileChannel lock;
    private final Unfinished unfinished;

    private Staging(Path target, Path path, Path lockFile, @Nullable FileChannel lock) {
        this.target = target;
        this.path = path;
        this.lockFile = lockFile;
        this.lock = lock;
        this.unfinished = Unfinished.unless(this::abandon);
    }

    /**
     * Deletes what killed writers of the target have left, and reserves a new name in the target's folder.
     *
     * @param target where the file or folder will be; its folder exists
     * @return the reserved name, where nothing is yet
     */
    public static Staging beside(Path target) {
        Path absolute = target.toAbsolutePath();
        String start = "." + absolute.getFileName() + ".";
        deleteAbandoned(absolute, start);
        // Not createTempFile: its files are readable by their owner only, and keep that when they are moved.
        String name = start + UUID.randomUUID();
        Path lockFile = absolute.resolveSibling(name + LOCK);
        return new Staging(absolute, absolute.resolveSibling(name + UNFINISHED), lockFile, locked(lockFile));
    }

    /** A lock on a new file; null in a file system without locks, where abandoned files stay. */
    private static @Nullable FileChannel locked(Path file) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            if (isFree(channel)) {
                return channel;
            }
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.FINE, "'" + file + "' cannot be locked", e);
        }
        return null;
    }

    /** Whether the lock could be taken; it is held until the channel is closed. */
    private static boolean isFree(FileChannel channel) throws IOException {
        try {
            FileLock taken = channel.tryLock();
            return taken != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static void deleteAbandoned(Path target, String start) {
        Pattern names = Pattern.compile(Pattern.quote(start) + "[0-9a-f-]{36}" + Pattern.quote(LOCK));
        for (Path lockFile : siblings(target, names)) {
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
                if (isFree(channel)) {
                    restore(withEnding(lockFile, REPLACED), target);
                    deleteTree(withEnding(lockFile, UNFINISHED));
                    Files.deleteIfExists(lockFile);
                }
            } catch (IOException e) {
                LOG.log(Level.FINE, "what the killed writer of '" + lockFile + "' left remains", e);
            }
        }
    }

    private static Path withEnding(Path lockFile, String ending) {
        String name = lockFile.getFileName().toString();
        return lockFile.resolveSibling(name.substring(0, name.length() - LOCK.length()) + ending);
    }

    /** A writer that is killed between its two moves leaves the target's place empty: the old folder returns there. */
    private static void restore(Path replaced, Path target) throws IOException {
        if (Files.exists(replaced) && !Files.exists(target)) {
            move(replaced, target);
        }
        deleteTree(replaced);
    }

    private static List<Path> siblings(Path target, Pattern names) {
        try (Stream<Path> all = Files.list(target.resolveSibling(""))) {
            return all.filter(
                            file -> names.matcher(file.getFileName().toString()).matches())
                    .toList();
        } catch (IOException e) {
            LOG.log(Level.FINE, "the folder of '" + target + "' cannot be listed", e);
            return List.of();
        }
    }

    /**
     * The reserved name.
     *
     * @return an absolute path in the target's folder
     */
    public Path path() {
        return path;
    }

    /**
     * Moves what was written into the target's place.
     *
     * @throws IOException if it cannot be moved; what was there before is there again
     */
    public void moveIntoPlace() throws IOException {
        moveIntoPlace(path);
    }

    /**
     * Moves a part of what was written into the target's place.
     *
     * @param written the reserved name or a file below it
     * @throws IOException if it cannot be moved; what was there before is there again
     */
    public synchronized void moveIntoPlace(Path written) throws IOException {
        if (!Files.isDirectory(target)) {
            move(written, target);
            return;
        }
        // A folder cannot be replaced in one step: the old one steps aside.
        Path replaced = withEnding(lockFile, REPLACED);
        move(target, replaced);
        try {
            move(written, target);
        } catch (IOException e) {
            move(replaced, target);
            throw e;
        }
        deleteTree(replaced);
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The JVM ends: a move that has begun is awaited. */
    private synchronized void abandon() {
        deleteTree(path);
        deleteOrDefer(lockFile);
    }

    /** Deletes what is still under the reserved name, and gives the name up. */
    @Override
    public void close() {
        unfinished.close();
        deleteTree(path);
        try {
            if (lock != null) {
                lock.close();
                Files.deleteIfExists(lockFile);
            }
        } catch (IOException e) {
            LOG.log(Level.FINE, "'" + lockFile + "' remains", e);
        }
    }

    /**
     * Why something could not be written, without the temporary name that the messages of file systems start with.
     *
     * @param failure what was thrown
     * @return the reason, such as "No space left on device"
     */
    public static String reason(IOException failure) {
        if (failure instanceof FileSystemException named) {
            return named.getReason() == null ? "the file system refuses" : named.getReason();
        }
        return String.valueOf(failure.getMessage());
    }

    /**
     * Deletes a file or a folder with everything in it. What cannot be deleted now, such as a mapped file on Windows,
     * is deleted when the JVM ends.
     *
     * @param root a file or folder of our own making, which may be missing
     */
    public static void deleteTree(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    return deleteOrDefer(file);
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) {
                    return deleteOrDefer(visited);
                }
            });
        } catch (IOException e) {
            LOG.log(Level.FINE, "temporary '" + root + "' remains", e);
        }
    }

    private static FileVisitResult deleteOrDefer(Path path) {
        try {
            Files.delete(path);
        } catch (IOException e) {
            path.toFile().deleteOnExit();
        }
        return FileVisitResult.CONTINUE;
    }
}
