package parlour.console;

import java.net.IDN;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Origin;
import parlour.accounts.ProofRule;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;

/**
 * The outcome for a guest of a page: the decision of the guests' own code, and the reasons in words.
 *
 * @param origin as a browser sends it
 * @param code of the refusal; 0: a chat would start
 * @param message of the refusal; empty: a chat would start
 * @param isBound whether the guest's session would be bound to a key
 * @param canAllow whether the origin can be added to the list, and would then be let in
 * @param reasons more of what decides, one sentence each
 */
record TestedPage(
    String origin,
    boolean isLetIn,
    int code,
    String message,
    boolean isBound,
    boolean canAllow,
    List<String> reasons) {
  /** The origin of files, sandboxed frames and data: no list can name it. */
  private static final String OPAQUE = "null";

  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(//)?(.*)");
  private static final Pattern PORT = Pattern.compile("[^:/]+:[0-9]{1,5}(/.*)?");

  /** A name can begin as an address of the machine itself: only digits make it one. */
  private static final Pattern LOOPBACK = Pattern.compile("127(\\.[0-9]{1,3}){3}");

  static TestedPage of(String typed, Accounts.Deployment deployment, GuestCheck check) {
    List<String> reasons = new ArrayList<>();
    String origin = origin(typed, reasons);
    boolean hasKey = isSecureContext(origin);
    ProofRule rule = deployment.settings().rules().proof();
    Optional<Problem> refusal = check.refusal(deployment, origin, hasKey);
    AllowedOrigins list = deployment.settings().allowedOrigins();
    boolean isUnlisted =
        refusal.filter(one -> one.code() == ErrorCode.ORIGIN_NOT_ALLOWED).isPresent();
    if (isUnlisted) {
      explain(origin, list, reasons);
    } else if (list.isEmpty()) {
      reasons.add("The list of origins is empty, so any page can use this deployment.");
    }
    if (!hasKey && rule != ProofRule.OFF) {
      reasons.add(
          rule == ProofRule.REQUIRE
              ? "The deployment requires a key (proof: require), and browsers make keys only on pages with"
                  + " https, or of localhost."
              : "Without https, browsers make no key, so the session is not bound to one.");
    }
    return new TestedPage(
        origin,
        refusal.isEmpty(),
        refusal.map(one -> one.code().code()).orElse(0),
        refusal.map(one -> String.valueOf(one.getMessage())).orElse(""),
        refusal.isEmpty() && hasKey && rule != ProofRule.OFF,
        isUnlisted && AllowedOrigins.canList(origin),
        List.copyOf(reasons));
  }

  /** The origin that a browser sends for a page (RFC 6454). */
  private static String origin(String typed, List<String> reasons) {
    Matcher parts = SCHEME.matcher(typed);
    boolean hasScheme = parts.matches() && !PORT.matcher(typed).matches();
    if (typed.equals(OPAQUE) || (hasScheme && !isWeb(parts.group(1)))) {
      reasons.add(
          "The origin of files, of sandboxed frames and of data is null, which no list can contain.");
      return OPAQUE;
    }
    if (!hasScheme) {
      reasons.add("The scheme is missing; https is tested.");
    }
    String address = hasScheme ? typed : "https://" + typed;
    String origin = Origin.of(ascii(address))
        .filter(one -> AllowedOrigins.canList(one.toString()))
        .map(Origin::toString)
        .orElseThrow(() -> new Problem(
            ErrorCode.MALFORMED,
            "The field \"page\" is not the address of a page: send one such as https://shop.example.com"
                + " or https://shop.example.com/contact."));
    if (!origin.equals(address)) {
      reasons.add("Browsers send no path, no slash at the end and no default port: "
          + "they send %s.".formatted(origin));
    }
    return origin;
  }

  private static boolean isWeb(String scheme) {
    return scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https");
  }

  /** Browsers send a name that is not ASCII in its ASCII form. */
  private static String ascii(String address) {
    int begin = address.indexOf("://") + "://".length();
    int end = begin;
    while (end < address.length() && "/:?#".indexOf(address.charAt(end)) < 0) {
      end++;
    }
    try {
      return address.substring(0, begin)
          + IDN.toASCII(address.substring(begin, end))
          + address.substring(end).replaceAll("[?#].*", "").replaceAll("/.*", "");
    } catch (IllegalArgumentException e) {
      return address;
    }
  }

  /** Whether browsers make keys there: with https, or on the machine itself. */
  private static boolean isSecureContext(String origin) {
    @Nullable Origin parsed = Origin.of(origin).orElse(null);
    if (parsed == null) {
      return false;
    }
    String host = parsed.host();
    return parsed.isHttps()
        || host.equals("localhost")
        || host.endsWith(".localhost")
        || LOOPBACK.matcher(host).matches()
        || host.equals("[::1]");
  }

  /** Names what differs from an origin that the list would let in. */
  private static void explain(String origin, AllowedOrigins list, List<String> reasons) {
    Optional<Origin> found = Origin.of(origin);
    if (found.isEmpty()) {
      return;
    }
    int before = reasons.size();
    Origin page = found.get();
    Origin otherScheme = new Origin(
        !page.isHttps(), page.host(), page.isDefaultPort() ? usual(!page.isHttps()) : page.port());
    if (list.allows(otherScheme.toString())) {
      reasons.add("The list has the other scheme: %s. A list must name http and https separately."
          .formatted(otherScheme));
    }
    String host = page.host();
    String other = host.startsWith("www.") ? host.substring("www.".length()) : "www." + host;
    Origin otherHost = new Origin(page.isHttps(), other, page.port());
    if (list.allows(otherHost.toString())) {
      reasons.add("The list has %s: www is a part of the name.".formatted(otherHost));
    }
    for (String pattern : list.patterns()) {
      Optional<Origin> listed = Origin.of(pattern.replace("://*.", "://"));
      if (listed.isEmpty()) {
        continue;
      }
      boolean isWildcard = pattern.contains("://*.");
      boolean isSameScheme = listed.get().isHttps() == page.isHttps();
      if (isSameScheme
          && listed.get().host().equals(host)
          && listed.get().port() != page.port()
          && !isWildcard) {
        reasons.add(
            "The list has another port: %s. A port is a part of the origin.".formatted(pattern));
      }
      if (isSameScheme && isWildcard && listed.get().equals(page)) {
        reasons.add(
            "%s stands for the names below, and not for %s itself.".formatted(pattern, host));
      }
    }
    if (reasons.size() == before) {
      reasons.add("The list has %s."
          .formatted(String.join(", ", list.patterns().stream().limit(SHOWN).toList())));
    }
  }

  /** Entries of a list that a sentence names. */
  private static final int SHOWN = 5;

  private static int usual(boolean isHttps) {
    return isHttps ? 443 : 80;
  }
}
