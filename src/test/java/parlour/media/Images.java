package parlour.media;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Images as clients send them. */
final class Images {
  private Images() {}

  /** Red on its left half, blue on its right half. */
  static BufferedImage redAndBlue(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setColor(Color.RED);
    pen.fillRect(0, 0, width / 2, height);
    pen.setColor(Color.BLUE);
    pen.fillRect(width / 2, 0, width - width / 2, height);
    pen.dispose();
    return image;
  }

  static byte[] encoded(BufferedImage image, String format) {
    try {
      var bytes = new ByteArrayOutputStream();
      ImageIO.write(image, format, bytes);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static BufferedImage decoded(byte[] bytes) {
    try {
      return ImageIO.read(new ByteArrayInputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A photo with an Exif segment, as a phone writes it that was held upright.
   *
   * @param note a text in the segment
   */
  static byte[] turnedPhoto(BufferedImage pixels, String note) {
    byte[] text = (note + "\0").getBytes(StandardCharsets.US_ASCII);
    int entries = 8 + 2 + 2 * 12 + 4;
    ByteBuffer exif = ByteBuffer.allocate(entries + text.length)
        .put("MM".getBytes(StandardCharsets.US_ASCII))
        .putShort((short) 42)
        .putInt(8)
        .putShort((short) 2);
    exif.putShort((short) 0x010e).putShort((short) 2).putInt(text.length).putInt(entries);
    exif.putShort((short) 0x0112)
        .putShort((short) 3)
        .putInt(1)
        .putShort((short) 6)
        .putShort((short) 0);
    exif.putInt(0).put(text);
    byte[] body = exif.array();
    byte[] jpeg = encoded(pixels, "jpg");
    ByteBuffer photo = ByteBuffer.allocate(jpeg.length + body.length + 10);
    int begin = 4 + ByteBuffer.wrap(jpeg).getShort(4); // after the first segment, JFIF's
    photo.put(jpeg, 0, begin);
    photo.putShort((short) 0xffe1).putShort((short) (body.length + 8));
    photo.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII)).put(body);
    return photo.put(jpeg, begin, jpeg.length - begin).array();
  }

  /** A PNG of a few bytes that claims to be very large. */
  static byte[] bomb(int width, int height) {
    return claiming(encoded(redAndBlue(8, 8), "png"), width, height);
  }

  /** The same PNG with another width and height. */
  static byte[] claiming(byte[] image, int width, int height) {
    ByteBuffer header = ByteBuffer.wrap(image);
    header.putInt(16, width).putInt(20, height);
    CRC32 crc = new CRC32();
    crc.update(image, 12, 17);
    header.putInt(29, (int) crc.getValue());
    return image;
  }

  /**
   * A PNG with the same chunk many times before its pixels.
   *
   * @param image the PNG without them
   */
  static byte[] withChunks(byte[] image, String type, byte[] content, int more) {
    return inserted(image, image.length - pixelsOfPng(image), chunk(type, content), more);
  }

  /** Bytes from the first chunk with pixels. */
  private static int pixelsOfPng(byte[] image) {
    int at = 8;
    while (!new String(image, at + 4, 4, StandardCharsets.US_ASCII).equals("IDAT")) {
      at += 12 + ByteBuffer.wrap(image).getInt(at);
    }
    return image.length - at;
  }

  /** A few bytes that inflate to so many. */
  static byte[] deflated(int length) {
    try {
      var bytes = new ByteArrayOutputStream();
      try (var deflater = new DeflaterOutputStream(bytes, new Deflater(9))) {
        deflater.write(new byte[length]);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A JPEG with the same segment many times after its first one. */
  static byte[] withSegments(byte[] jpeg, int marker, byte[] content, int more) {
    byte[] segment = ByteBuffer.allocate(content.length + 4)
        .put((byte) 0xff)
        .put((byte) marker)
        .putShort((short) (content.length + 2))
        .put(content)
        .array();
    return inserted(jpeg, 4 + ByteBuffer.wrap(jpeg).getShort(4), segment, more);
  }

  /** A GIF with the same blocks many times before its first image. */
  static byte[] withBlocks(byte[] gif, byte[] blocks, int more) {
    int colors = 3 << ((gif[10] & 7) + 1);
    return inserted(gif, 13 + colors, blocks, more);
  }

  private static byte[] inserted(byte[] image, int at, byte[] part, int times) {
    ByteBuffer longer = ByteBuffer.allocate(image.length + times * part.length);
    longer.put(image, 0, at);
    for (int i = 0; i < times; i++) {
      longer.put(part);
    }
    return longer.put(image, at, image.length - at).array();
  }

  /** A GIF of more pixels than get a preview, whose screen claims to be small. */
  static byte[] hugeOnSmallScreen() {
    byte[] gif = encoded(new BufferedImage(60_000, 500, BufferedImage.TYPE_BYTE_INDEXED), "gif");
    ByteBuffer.wrap(gif).order(ByteOrder.LITTLE_ENDIAN).putShort(6, (short) 8).putShort(8, (short)
        8);
    return gif;
  }

  /** A black PNG of 16 bits for each of its four channels, whose pixels come in seven passes. */
  static byte[] interlaced(int width, int height) {
    int[][] passes = {
      {0, 0, 8, 8},
      {4, 0, 8, 8},
      {0, 4, 4, 8},
      {2, 0, 4, 4},
      {0, 2, 2, 4},
      {1, 0, 2, 2},
      {0, 1, 1, 2}
    };
    var pixels = new ByteArrayOutputStream();
    try (var deflater = new DeflaterOutputStream(pixels, new Deflater(9))) {
      for (int[] pass : passes) {
        int columns = (width - pass[0] + pass[2] - 1) / pass[2];
        for (int row = pass[1]; row < height; row += pass[3]) {
          deflater.write(new byte[1 + 8 * columns]);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] header = ByteBuffer.allocate(13)
        .putInt(width)
        .putInt(height)
        .put(new byte[] {16, 6, 0, 0, 1})
        .array();
    var png = new ByteArrayOutputStream();
    png.writeBytes(HexFormat.of().parseHex("89504e470d0a1a0a"));
    png.writeBytes(chunk("IHDR", header));
    png.writeBytes(chunk("IDAT", pixels.toByteArray()));
    png.writeBytes(chunk("IEND", new byte[0]));
    return png.toByteArray();
  }

  private static byte[] chunk(String type, byte[] content) {
    byte[] chunk = ByteBuffer.allocate(content.length + 12)
        .putInt(content.length)
        .put(type.getBytes(StandardCharsets.US_ASCII))
        .put(content)
        .array();
    CRC32 crc = new CRC32();
    crc.update(chunk, 4, content.length + 4);
    ByteBuffer.wrap(chunk).putInt(content.length + 8, (int) crc.getValue());
    return chunk;
  }

  /** An image of 16 bits for each of its four channels, as no camera makes it. */
  static BufferedImage deep(int width, int height) {
    var model = new ComponentColorModel(
        ColorSpace.getInstance(ColorSpace.CS_sRGB),
        true,
        false,
        Transparency.TRANSLUCENT,
        DataBuffer.TYPE_USHORT);
    return new BufferedImage(
        model, model.createCompatibleWritableRaster(width, height), false, null);
  }

  static byte[] progressive(BufferedImage image) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpg").next();
    var bytes = new ByteArrayOutputStream();
    try (var output = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam progressive = writer.getDefaultWriteParam();
      progressive.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      writer.setOutput(output);
      writer.write(null, new IIOImage(image, null, null), progressive);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** The same JPEG with empty scans before its end. */
  static byte[] withScans(byte[] jpeg, int more) {
    byte[] scan = HexFormat.of().parseHex("ffda0008010100013f00");
    ByteBuffer longer = ByteBuffer.allocate(jpeg.length + more * scan.length);
    longer.put(jpeg, 0, jpeg.length - 2);
    for (int i = 0; i < more; i++) {
      longer.put(scan);
    }
    return longer.put(jpeg, jpeg.length - 2, 2).array();
  }
}
