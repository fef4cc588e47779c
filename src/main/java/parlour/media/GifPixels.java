package parlour.media;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** The first image of a GIF (version 89a), with its colors and what is transparent. */
final class GifPixels extends PixelStream {
  private static final int EXTENSION = 0x21;
  private static final int GRAPHIC_CONTROL = 0xf9;
  private static final int IMAGE = 0x2c;
  private static final byte[] END = {0, 0x3b};

  private enum State {
    HEADER,
    BLOCKS,
    PIXELS,
    END
  }

  private State state = State.HEADER;

  GifPixels(InputStream file) {
    super(file);
  }

  @Override
  boolean next() throws IOException {
    switch (state) {
      case HEADER -> {
        give(withColors(new ByteArrayOutputStream(), 13, 10));
        state = State.BLOCKS;
      }
      case BLOCKS -> {
        give(beginningOfImage());
        state = State.PIXELS;
      }
      case PIXELS -> {
        int length = nextByte();
        if (length == 0) {
          give(END);
          state = State.END;
        } else {
          give(new byte[] {(byte) length});
          copy(length);
        }
      }
      case END -> {
        return false;
      }
    }
    return true;
  }

  /** The parts before the pixels of the first image; skips all others. */
  private byte[] beginningOfImage() throws IOException {
    byte[] control = {};
    for (int block = nextByte(); block != IMAGE; block = nextByte()) {
      if (block != EXTENSION) {
        throw new IOException("the file has no image");
      }
      int label = nextByte();
      int length = nextByte();
      byte[] first = nextBytes(length);
      if (label == GRAPHIC_CONTROL && length == 4) {
        control = first;
      }
      while (length > 0) {
        length = nextByte();
        skip(length);
      }
    }
    var beginning = new ByteArrayOutputStream();
    if (control.length > 0) {
      beginning.writeBytes(new byte[] {EXTENSION, (byte) GRAPHIC_CONTROL, 4});
      beginning.writeBytes(control);
      beginning.write(0);
    }
    beginning.write(IMAGE);
    byte[] described = withColors(beginning, 9, 8);
    beginning = new ByteArrayOutputStream();
    beginning.writeBytes(described);
    beginning.write(nextByte()); // the size of a code
    return beginning.toByteArray();
  }

  /**
   * Adds a descriptor, and its table of colors.
   *
   * @param flags position of the byte that has the size of the table
   */
  private byte[] withColors(ByteArrayOutputStream before, int length, int flags)
      throws IOException {
    byte[] descriptor = nextBytes(length);
    before.writeBytes(descriptor);
    if ((descriptor[flags] & 0x80) != 0) {
      before.writeBytes(nextBytes(3 << ((descriptor[flags] & 7) + 1)));
    }
    return before.toByteArray();
  }
}
