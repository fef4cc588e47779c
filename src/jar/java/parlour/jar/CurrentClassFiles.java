package parlour.jar;

import java.io.BufferedOutputStream;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Copies a jar, and writes the class files of the command line's library, which are in the form of
 * Java 5, in a form that the JDK's startup cache accepts (ADR 0110). Their code stays the same; the
 * newer form has a table of types for the verifier. The build runs this file.
 */
final class CurrentClassFiles {
  private static final String LIBRARY = "picocli/";

  private final ZipFile jar;
  private final ClassFile classFiles;

  private CurrentClassFiles(ZipFile jar) {
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
    try (ZipFile jar = new ZipFile(arguments[0]);
        var out =
            new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(unfinished)))) {
      var files = new CurrentClassFiles(jar);
      boolean isNeeded = false;
      for (ZipEntry entry : Collections.list(jar.entries())) {
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTimeLocal(entry.getTimeLocal()); // the same jar in every time zone
        out.putNextEntry(copy);
        byte[] content = files.content(entry);
        if (isOld(entry, content)) {
          isNeeded = true;
          content = files.current(content);
        }
        out.write(content);
        out.closeEntry();
      }
      if (!isNeeded) {
        throw new IllegalStateException(
            "no class of " + LIBRARY + " is older than Java 6: delete this step of the build");
      }
    }
    Files.move(
        unfinished, made, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private byte[] content(ZipEntry entry) throws IOException {
    try (InputStream stream = jar.getInputStream(entry)) {
      return stream.readAllBytes();
    }
  }

  private static boolean isOld(ZipEntry entry, byte[] content) {
    return entry.getName().startsWith(LIBRARY)
        && entry.getName().endsWith(".class")
        && ByteBuffer.wrap(content).getShort(6) < ClassFile.JAVA_6_VERSION;
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
    ZipEntry entry = jar.getEntry(path);
    try {
      return entry == null ? null : jar.getInputStream(entry);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of the descriptor of a class: {@code Ljava/lang/String;} */
  private static String path(String descriptor) {
    return descriptor.substring(1, descriptor.length() - 1) + ".class";
  }
}
