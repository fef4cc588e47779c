package parlour.http.server;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Client addresses that are counted together. An IPv6 client owns a whole /64, which counts as one
 * client. Providers give a /56 or a /48 to a home or a site, which could then appear as any number
 * of clients; so these blocks are counted as well, with higher bounds.
 *
 * @param name see {@link #clientOf}
 * @param times how many clients' bounds the whole block may use
 */
public record AddressBlock(String name, int times) {
  private static final int DIGITS_OF_64 = 64 / 4;
  private static final int DIGITS_OF_56 = 56 / 4;
  private static final int DIGITS_OF_48 = 48 / 4;
  private static final int DIGITS_OF_IPV4 = 32 / 4;
  private static final int DIGITS_OF_24 = 24 / 4;

  /** The client of an address: the address itself, or the hexadecimal digits of its /64. */
  public static String clientOf(InetAddress address) {
    byte[] bytes = address.getAddress();
    return HexFormat.of().formatHex(bytes.length == 16 ? Arrays.copyOf(bytes, 8) : bytes);
  }

  /**
   * The network of a client, for what many clients must not decide together: the /24 of an IPv4
   * address, or the /48 of an IPv6 address. Empty if the client's address is unknown.
   */
  public static Optional<String> networkOf(String client) {
    return switch (client.length()) {
      case DIGITS_OF_IPV4 -> Optional.of(client.substring(0, DIGITS_OF_24));
      case DIGITS_OF_64 -> Optional.of(client.substring(0, DIGITS_OF_48));
      default -> Optional.empty();
    };
  }

  /**
   * All blocks that contain a client, the smallest first. A call that a smaller block refuses is
   * not counted in the larger ones.
   */
  public static List<AddressBlock> around(String client) {
    if (client.length() != DIGITS_OF_64) {
      return List.of(new AddressBlock(client, 1));
    }
    return List.of(
        new AddressBlock(client, 1),
        new AddressBlock(client.substring(0, DIGITS_OF_56), 2),
        new AddressBlock(client.substring(0, DIGITS_OF_48), 4));
  }
}
