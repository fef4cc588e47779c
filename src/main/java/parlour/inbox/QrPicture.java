package parlour.inbox;

import io.nayuki.qrcodegen.QrCode;

/**
 * A text as a QR code, for a page to draw as SVG.
 *
 * @param size of its side, in modules, with the quiet zone around it
 * @param path of the dark modules, as the attribute {@code d} of an SVG path
 */
record QrPicture(int size, String path) {
  private static final int QUIET = 4; // ISO/IEC 18004 demands this many modules

  static QrPicture of(String text) {
    QrCode code = QrCode.encodeText(text, QrCode.Ecc.MEDIUM);
    StringBuilder path = new StringBuilder();
    for (int y = 0; y < code.size; y++) {
      for (int x = 0; x < code.size; x++) {
        if (code.getModule(x, y)) {
          path.append("M%d %dh1v1h-1z".formatted(x + QUIET, y + QUIET));
        }
      }
    }
    return new QrPicture(code.size + 2 * QUIET, path.toString());
  }
}
