package parlour.accounts;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import parlour.Limits;

/** The one that answers the conversations of an address. */
public sealed interface Responder {

  /** Agents at the inbox, or a server that polls the API. */
  record Inbox() implements Responder {}

  /**
   * A server that receives every event.
   *
   * @param url the exact text is a part of the signature
   */
  record Webhook(URI url, WebhookSecret secret) implements Responder {}

  /**
   * Reads a webhook's address as an operator gives it.
   *
   * @param plainHttp whether it may be http also where it leads off this machine
   * @throws IllegalArgumentException with the remedy; it never repeats the address, in which there
   *     may be a password
   */
  static URI webhookUrl(String text, boolean plainHttp) {
    URI url = parsed(text);
    String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("https") && !scheme.equals("http")) {
      throw new IllegalArgumentException(
          "a webhook's address begins with https://, such as https://bot.example.com/parlour");
    }
    String host = url.getHost();
    if (host == null) {
      throw new IllegalArgumentException(
          "there is no host in it: write it as in https://bot.example.com/parlour");
    }
    if (url.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "it has a name or password in it: leave that out, the signature says who calls");
    }
    if (url.getRawFragment() != null) {
      throw new IllegalArgumentException("it has a #fragment, which is never sent: leave that out");
    }
    if (url.getPort() == 0 || url.getPort() > 65_535) {
      throw new IllegalArgumentException("its port must be from 1 to 65535");
    }
    if (scheme.equals("http") && !plainHttp && !isLoopback(host)) {
      throw new IllegalArgumentException(
          "what guests say would cross the network in clear: use https, or add --plain-http where"
              + " that network is your own");
    }
    return url.getRawPath().isEmpty() ? withPath(url, scheme) : url;
  }

  private static URI parsed(String text) {
    if (text.length() > Limits.WEBHOOK_URL_CHARACTERS) {
      throw new IllegalArgumentException(
          "it has more than %d characters".formatted(Limits.WEBHOOK_URL_CHARACTERS));
    }
    try {
      return new URI(new URI(text).toASCIIString());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("it is not an address: write it as in"
          + " https://bot.example.com/parlour, with spaces and the like as %20");
    }
  }

  /** The address as it is sent: a request always has a path. */
  private static URI withPath(URI url, String scheme) {
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    return URI.create(scheme + "://" + url.getRawAuthority() + "/" + query);
  }

  private static boolean isLoopback(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.equals("[::1]")
        || name.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}");
  }
}
