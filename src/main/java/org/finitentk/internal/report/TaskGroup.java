package org.finitentk.internal.report;

import java.util.List;
import java.util.Optional;

/**
 * Tasks that are summarized together, such as the splits of one data set.
 *
 * @param name what stands above their table; empty for the group of all tasks
 * @param tasks the tasks' names
 */
record TaskGroup(String name, List<String> tasks) {
    /** All tasks of a report without groups. */
    static final TaskGroup ALL = new TaskGroup("", List.of());

    boolean isNamed() {
        return !name.isEmpty();
    }

    /** The methods that have tasks of this group, with these tasks alone. */
    List<MethodResult> of(List<MethodResult> methods) {
        return isNamed()
                ? methods.stream().map(this::of).flatMap(Optional::stream).toList()
                : methods;
    }

    private Optional<MethodResult> of(MethodResult method) {
        List<TaskResult> mine = method.tasks().stream()
                .filter(result -> tasks.contains(result.task()))
                .toList();
        return mine.isEmpty()
                ? Optional.empty()
                : Optional.of(new MethodResult(method.name(), method.description(), mine));
    }
}
