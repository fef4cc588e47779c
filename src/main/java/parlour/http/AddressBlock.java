package parlour.http;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Client addresses that are counted together. An IPv6 client owns a whole /64, which is counted as
 * one client. Whoever is given more than that (a /56 or a /48, as providers hand out to a home or a
 * site) could be as many clients as they like, so these are counted as well, with higher bounds.
 *
 * @param name see {@link #clientOf}
 * @param times how many clients' bounds all of the block may use together
 */
public record AddressBlock(String name, int times) {
  private static final int DIGITS_OF_64 = 64 / 4;
  private static final int DIGITS_OF_56 = 56 / 4;
  private static final int DIGITS_OF_48 = 48 / 4;

  /** A client by its address, or by the /64 around it: hexadecimal digits. */
  public static String clientOf(InetAddress address) {
    byte[] bytes = address.getAddress();
    return HexFormat.of().formatHex(bytes.length == 16 ? Arrays.copyOf(bytes, 8) : bytes);
  }

  /** All blocks that a client counts in, the smallest first: what is refused there takes nothing. */
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
