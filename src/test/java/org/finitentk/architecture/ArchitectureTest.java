package org.finitentk.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The floors of the house: a package uses only packages below it, and nothing internal shows in what users see. */
class ArchitectureTest {
    private static final String ROOT = "org.finitentk.";
    /** From the ground up; packages of one floor do not use each other. */
    private static final List<Set<String>> FLOORS = List.of(
            Set.of("internal.util", "protos"),
            Set.of("internal.linalg", "onnx"),
            Set.of("internal.onnx"),
            Set.of("internal.runtime"),
            Set.of("internal.autodiff", "network"),
            Set.of("internal.network"),
            Set.of("bundle"),
            Set.of("internal.kernel"),
            Set.of("kernel"),
            Set.of("fisher", "check"),
            Set.of("internal.store", "internal.tribuo"),
            Set.of("backbone"),
            Set.of("internal.backbone", "text"),
            Set.of("regression", "classification", "finetune"),
            Set.of("internal.scores"),
            Set.of("evaluation"),
            Set.of("internal.report"),
            Set.of("provenance"),
            Set.of("internal.table"),
            Set.of("table"),
            Set.of("internal.tabular"),
            Set.of("experiment"),
            Set.of("cli"));

    private static final int LARGEST_KNOT = 4;
    private static final int MOST_LINES = 400;
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.finitentk");

    @Test
    void packagesUseOnlyFloorsBelow() {
        Set<String> upwards = new TreeSet<>();
        for (JavaClass user : CLASSES) {
            for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
                String from = room(user);
                String to = room(dependency.getTargetClass());
                if (!to.isEmpty() && !to.equals(from) && floor(to) >= floor(from)) {
                    upwards.add(from + " -> " + to + ": " + dependency.getDescription());
                }
            }
        }
        assertTrue(upwards.isEmpty(), () -> String.join("\n", upwards));
    }

    private static String room(JavaClass type) {
        String name = type.getBaseComponentType().getPackageName();
        return name.startsWith(ROOT) ? name.substring(ROOT.length()) : "";
    }

    private static int floor(String room) {
        for (int i = 0; i < FLOORS.size(); i++) {
            if (FLOORS.get(i).contains(room)) {
                return i;
            }
        }
        throw new AssertionError("package " + room + " has no floor; give it one in this test and in architecture.md");
    }

    @Test
    void nothingInternalShows() {
        Set<String> shown = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            if (isHidden(type) || room(type).equals("protos") || !isPublic(type)) {
                continue;
            }
            for (JavaMember member : type.getMembers()) {
                if (isVisible(member) && !isTribuosContract(member)) {
                    types(member)
                            .filter(ArchitectureTest::isHidden)
                            .forEach(hidden -> shown.add(member.getFullName() + " shows " + hidden.getSimpleName()));
                }
            }
            Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream())
                    .filter(above -> !above.toErasure().getSimpleName().equals("ProtoSerializable"))
                    .flatMap(above -> above.getAllInvolvedRawTypes().stream())
                    .filter(ArchitectureTest::isHidden)
                    .forEach(hidden -> shown.add(type.getName() + " is a " + hidden.getSimpleName()));
        }
        assertTrue(shown.isEmpty(), () -> String.join("\n", shown));
    }

    private static boolean isHidden(JavaClass type) {
        String room = room(type);
        return room.startsWith("internal.") || room.equals("protos");
    }

    private static boolean isPublic(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(ArchitectureTest::isPublic).orElse(true);
    }

    private static boolean isVisible(JavaMember member) {
        Set<JavaModifier> modifiers = member.getModifiers();
        return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
                && !modifiers.contains(JavaModifier.SYNTHETIC);
    }

    /** Tribuo finds these by name. */
    private static boolean isTribuosContract(JavaMember member) {
        return member.getName().equals("serialize") || member.getName().equals("deserializeFromProto");
    }

    /** All that a signature names, between angle brackets too. */
    private static Stream<JavaClass> types(JavaMember member) {
        Stream<JavaClass> involved = member.getAllInvolvedRawTypes().stream();
        return member instanceof JavaCodeUnit unit
                ? Stream.concat(involved, unit.getThrowsClause().getTypes().stream())
                : involved;
    }

    /** Classes that reach each other by what they use, inside one package. */
    @Test
    void knotsAreSmall() {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass type : CLASSES) {
            if (!room(type).equals("protos")) {
                Set<String> used = uses.computeIfAbsent(outermost(type), unseen -> new TreeSet<>());
                type.getDirectDependenciesFromSelf().stream()
                        .map(Dependency::getTargetClass)
                        .map(JavaClass::getBaseComponentType)
                        .filter(target -> target.getPackageName().equals(type.getPackageName()))
                        .map(ArchitectureTest::outermost)
                        .filter(target -> !target.equals(outermost(type)))
                        .forEach(used::add);
            }
        }
        List<Set<String>> large = Knots.of(uses).stream()
                .filter(knot -> knot.size() > LARGEST_KNOT)
                .toList();
        assertEquals(List.of(), large);
    }

    private static String outermost(JavaClass type) {
        String name = type.getName();
        int dollar = name.indexOf('$');
        return dollar < 0 ? name : name.substring(0, dollar);
    }

    @Test
    void classesAreShort() throws IOException {
        Set<String> longer = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source :
                    (Iterable<Path>) sources.filter(file -> file.toString().endsWith(".java"))::iterator) {
                int lines = Files.readAllLines(source).size();
                if (lines > MOST_LINES) {
                    longer.add(source.getFileName() + " has " + lines + " lines");
                }
            }
        }
        assertTrue(longer.isEmpty(), longer::toString);
    }
}
