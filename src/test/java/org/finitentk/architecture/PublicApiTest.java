package org.finitentk.architecture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What users can call is as committed: a change of it is seen in a diff, and meant. {@code mvn -Dtest=PublicApiTest
 * -Dapi.write=true test} writes the file anew.
 */
class PublicApiTest {
    private static final Path COMMITTED = Path.of("src/test/resources/api/signatures.txt");

    @Test
    void isAsCommitted() throws IOException {
        List<String> found = signatures();
        assertTrue(found.size() > 500, () -> found.size() + " lines only: where are the classes?");
        if (Boolean.getBoolean("api.write")) {
            Files.createDirectories(COMMITTED.getParent());
            Files.write(COMMITTED, found);
        }
        List<String> committed = Files.readAllLines(COMMITTED);
        Set<String> gone = new TreeSet<>(committed);
        found.forEach(gone::remove);
        Set<String> come = new TreeSet<>(found);
        committed.forEach(come::remove);
        assertTrue(
                gone.isEmpty() && come.isEmpty(),
                () -> "the public API is not as committed.\nGone:\n" + lines(gone) + "\nNew:\n" + lines(come)
                        + "\nIf that is meant: mvn -Dtest=PublicApiTest -Dapi.write=true test, and say it in"
                        + " CHANGELOG.md");
    }

    private static String lines(Set<String> lines) {
        return lines.isEmpty() ? "  nothing" : lines.stream().collect(Collectors.joining("\n  ", "  ", ""));
    }

    /** One line for each class and each member, which has its class's name in it. */
    private static List<String> signatures() {
        List<Class<?>> classes = new ArrayList<>();
        for (JavaClass found : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("org.finitentk")) {
            Class<?> type = found.reflect();
            if (isForUsers(type)) {
                classes.add(type);
            }
        }
        Set<String> lines = new TreeSet<>();
        for (Class<?> type : classes) {
            lines.add(header(type));
            Stream.of(type.getDeclaredFields())
                    .filter(field -> isVisible(type, field))
                    .forEach(field -> lines.add(line(type, field)));
            Stream.of(type.getDeclaredConstructors())
                    .filter(constructor -> isVisible(type, constructor))
                    .forEach(constructor -> lines.add(line(type, constructor)));
            Stream.of(type.getDeclaredMethods())
                    .filter(method -> isVisible(type, method))
                    .forEach(method -> lines.add(line(type, method)));
        }
        return List.copyOf(lines);
    }

    private static boolean isForUsers(Class<?> type) {
        String room = type.getPackageName().substring("org.finitentk".length());
        if (room.startsWith(".internal") || room.equals(".protos") || type.isSynthetic()) {
            return false;
        }
        for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
            if (!Modifier.isPublic(outer.getModifiers())) {
                return false;
            }
        }
        return true;
    }

    /** Protected members of a class that nobody can extend are nobody's. */
    private static boolean isVisible(Class<?> type, Member member) {
        int modifiers = member.getModifiers();
        return !member.isSynthetic()
                && (Modifier.isPublic(modifiers)
                        || Modifier.isProtected(modifiers) && !Modifier.isFinal(type.getModifiers()));
    }

    private static String header(Class<?> type) {
        String kind = type.isAnnotation()
                ? "annotation"
                : type.isInterface() ? "interface" : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
        int shown = type.isInterface() || type.isEnum() || type.isRecord() ? 0 : Modifier.ABSTRACT | Modifier.FINAL;
        Type above = type.getGenericSuperclass();
        boolean plain = above == null || above == Object.class || type.isEnum() || type.isRecord();
        return type.getName() + " " + words(type.getModifiers() & shown) + (type.isSealed() ? "sealed " : "") + kind
                + variables(type.getTypeParameters())
                + (plain ? "" : " extends " + above.getTypeName())
                + Stream.of(type.getGenericInterfaces())
                        .map(Type::getTypeName)
                        .sorted()
                        .collect(Collectors.joining(", ", type.getInterfaces().length == 0 ? "" : " implements ", ""));
    }

    private static String line(Class<?> type, Field field) {
        return type.getName() + "." + field.getName() + ": "
                + words(field.getModifiers() & (Modifier.STATIC | Modifier.FINAL | Modifier.PROTECTED))
                + field.getGenericType().getTypeName() + noted(field);
    }

    private static String line(Class<?> type, Constructor<?> constructor) {
        return type.getName() + ".<new>" + call(constructor) + noted(constructor);
    }

    private static String line(Class<?> type, Method method) {
        int shown = Modifier.STATIC | Modifier.FINAL | Modifier.ABSTRACT | Modifier.PROTECTED;
        return type.getName() + "." + method.getName() + call(method) + ": " + words(method.getModifiers() & shown)
                + method.getGenericReturnType().getTypeName() + noted(method);
    }

    private static String call(Executable executable) {
        return variables(executable.getTypeParameters())
                + Arrays.stream(executable.getGenericParameterTypes())
                        .map(Type::getTypeName)
                        .collect(Collectors.joining(", ", "(", ")"))
                + Stream.of(executable.getExceptionTypes())
                        .map(Class::getName)
                        .sorted()
                        .collect(Collectors.joining(
                                ", ", executable.getExceptionTypes().length == 0 ? "" : " throws ", ""));
    }

    private static String variables(TypeVariable<?>[] variables) {
        return variables.length == 0
                ? ""
                : Stream.of(variables)
                        .map(variable -> variable.getName() + " extends "
                                + Stream.of(variable.getBounds())
                                        .map(Type::getTypeName)
                                        .collect(Collectors.joining(" & ")))
                        .collect(Collectors.joining(", ", "<", ">"));
    }

    private static String words(int modifiers) {
        return modifiers == 0 ? "" : Modifier.toString(modifiers) + " ";
    }

    private static String noted(AnnotatedElement element) {
        return element.isAnnotationPresent(Deprecated.class) ? " deprecated" : "";
    }
}
