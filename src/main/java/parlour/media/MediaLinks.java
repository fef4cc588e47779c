package parlour.media;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import parlour.InternalSecrets;
import parlour.Limits;
import parlour.Sha256;
import parlour.Sid;
import parlour.media.MediaFile.Part;

/**
 * Addresses that show a part of one file for some minutes to everybody who has them: a browser
 * opens them without any header. All processes of an installation make and accept the same ones.
 */
public final class MediaLinks {
  static final String PATH = "/media/{Account}/{Media}/{Part}/{Expires}/{Mac}/{Name}";

  private static final int MAC_BYTES = 16;

  private final byte[] key;
  private final List<byte[]> accepted;
  private final Optional<URI> host;
  private final InstantSource clock;

  /**
   * @param secrets the internal secret of the installation: links are made with the value that is
   *     sent, and opened with both
   * @param host where browsers open the contents, if they have a host of their own
   */
  public MediaLinks(InternalSecrets secrets, Optional<URI> host, InstantSource clock) {
    this.accepted =
        secrets.derived(secret -> Sha256.keyed(InternalSecrets.key(secret), "links of files, 1"));
    this.key = accepted.getFirst();
    this.host = host;
    this.clock = clock;
  }

  /** The file that a valid link opens. */
  record Opened(Sid.Account account, Sid.Media file, Part part) {}

  /**
   * Makes a link.
   *
   * @param base the start of the address where contents have no host of their own
   */
  private String link(String base, MediaFile file, Part part) {
    long expires = clock.instant().plus(Limits.MEDIA_LINK_TTL).getEpochSecond();
    Sid.Account account = file.owner().account();
    return String.join(
        "/",
        host.map(URI::toString).orElse(base) + "/media",
        account.text(),
        file.sid().text(),
        word(part),
        Long.toString(expires),
        mac(key, account, file.sid(), part, expires),
        // The name is only shown. Servers refuse an encoded percent sign in a path.
        URLEncoder.encode(file.fileName().replace('%', '_'), StandardCharsets.UTF_8)
            .replace("+", "%20"));
  }

  /**
   * The record of a file with its links.
   *
   * @param base the start of all addresses, without a slash at its end; empty for paths. Contents
   *     can have a host of their own
   * @param files the path of the interface's files
   */
  public MediaForm form(String base, String files, MediaFile file) {
    return MediaForm.of(
        file, base + files + "/" + file.sid().text(), (one, part) -> link(base, one, part));
  }

  /** Reads the segments of a link; empty if one of them was changed, or the link has expired. */
  Optional<Opened> open(String account, String file, String part, String expires, String mac) {
    try {
      Opened opened = new Opened(
          new Sid.Account(account),
          new Sid.Media(file),
          Part.valueOf(part.toUpperCase(Locale.ROOT)));
      long end = Long.parseLong(expires);
      List<byte[]> macs = accepted.stream()
          .map(one -> mac(one, opened.account(), opened.file(), opened.part(), end)
              .getBytes(StandardCharsets.US_ASCII))
          .toList();
      boolean isOurs = InternalSecrets.isOneOf(macs, mac.getBytes(StandardCharsets.US_ASCII));
      return isOurs && clock.instant().getEpochSecond() < end
          ? Optional.of(opened)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String mac(
      byte[] key, Sid.Account account, Sid.Media file, Part part, long expires) {
    byte[] mac = Sha256.keyed(
        key, String.join(" ", account.text(), file.text(), word(part), Long.toString(expires)));
    byte[] cut = Arrays.copyOf(mac, MAC_BYTES);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(cut);
  }

  private static String word(Part part) {
    return part.name().toLowerCase(Locale.ROOT);
  }
}
