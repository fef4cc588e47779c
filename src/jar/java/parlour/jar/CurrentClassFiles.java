package parlour.jar;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;

/**
 * Copies a jar, and writes the class files of the command line's library, which are in the form of
 * Java 5, in a form that the JDK's startup cache accepts (ADR 0110). Their code stays the same; the
 * newer form has a table of types for the verifier. The build runs this file.
 */
final class CurrentClassFiles {
  private static final String LIBRARY = "picocli";

  /** The notice that the library's licence demands beside changed files (Apache License 2.0, section 4). */
  private static final String NOTICE = """
      The class files of picocli (https://picocli.info, Apache License 2.0) in this jar were changed by the build
      of Parlour: they have the form of Java 8 instead of that of Java 5. Their code is the same.
      """;

  private final FileSystem jar;
  private final ClassFile classFiles;

  private CurrentClassFiles(FileSystem jar) {
    this.jar = jar;
    classFiles = ClassFile.of(
        ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
        ClassFile.ClassHierarchyResolverOption.of(
            ClassHierarchyResolver.ofResourceParsing(type -> read(path(type.descriptorString())))
                .orElse(ClassHierarchyResolver.defaultResolver())));
  }

  /**
   * @param arguments the jar, and the new jar, which appears by a rename
   */
  public static void main(String[] arguments) throws IOException {
    Path made = Path.of(arguments[1]);
    Path unfinished = made.resolveSibling(made.getFileName() + ".new");
    Files.copy(Path.of(arguments[0]), unfinished, StandardCopyOption.REPLACE_EXISTING);
    try (FileSystem jar = FileSystems.newFileSystem(unfinished)) {
      if (!new CurrentClassFiles(jar).writeThoseOfTheLibrary()) {
        throw new IllegalStateException(
            "no class of " + LIBRARY + " is older than Java 6: delete this step of the build");
      }
    }
    Files.move(
        unfinished, made, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Writes the class files that are too old in their new form, and returns whether there were any. Reads
   * all of them first, because they refer to each other.
   */
  private boolean writeThoseOfTheLibrary() throws IOException {
    record Written(Path file, byte[] content) {}
    List<Written> all;
    try (Stream<Path> files = Files.walk(jar.getPath(LIBRARY))) {
      all = files
          .filter(file -> file.toString().endsWith(".class"))
          .map(file -> new Written(file, content(file)))
          .filter(file -> isOld(file.content()))
          .map(file -> new Written(file.file(), current(file.content())))
          .toList();
    }
    Path notice = jar.getPath("META-INF", "picocli-changes.txt");
    Files.writeString(notice, NOTICE);
    for (Written one : all) {
      FileTime time = Files.getLastModifiedTime(one.file()); // the same jar at any time
      Files.write(one.file(), one.content());
      Files.setLastModifiedTime(one.file(), time);
      Files.setLastModifiedTime(notice, time);
    }
    return !all.isEmpty();
  }

  private static byte[] content(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOld(byte[] content) {
    return ByteBuffer.wrap(content).getShort(6) < ClassFile.JAVA_6_VERSION;
  }

  private byte[] current(byte[] content) {
    ClassModel old = classFiles.parse(content);
    return classFiles.build(old.thisClass().asSymbol(), made -> {
      made.withVersion(ClassFile.JAVA_8_VERSION, 0);
      for (var element : old) {
        switch (element) {
          case ClassFileVersion _ -> {}
          case MethodModel method ->
            made.transformMethod(
                method, MethodTransform.transformingCode(CodeTransform.ACCEPT_ALL));
          default -> made.with(element);
        }
      }
    });
  }

  private InputStream read(String path) {
    try {
      Path file = jar.getPath(path);
      return Files.exists(file) ? Files.newInputStream(file) : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of the descriptor of a class: {@code Ljava/lang/String;} */
  private static String path(String descriptor) {
    return descriptor.substring(1, descriptor.length() - 1) + ".class";
  }
}
