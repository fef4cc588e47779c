package parlour.orchestrator;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import is.tagomor.woothee.Classifier;
import java.util.Map;
import parlour.Limits;

/** The browser family and the operating system that a User-Agent names. */
final class UserAgents {

  /** A browser and a system without their versions, so that an update does not change them. */
  record Family(String browser, String system) {}

  private static final String UNKNOWN = "UNKNOWN"; // the word of the parser

  private final Cache<String, Family> families =
      Caffeine.newBuilder().maximumSize(Limits.USER_AGENTS_CACHED).build();

  Family family(String userAgent) {
    String bounded =
        userAgent.substring(0, Math.min(userAgent.length(), Limits.USER_AGENT_CHARACTERS));
    return families.get(bounded, UserAgents::parse);
  }

  private static Family parse(String userAgent) {
    Map<String, String> parsed = Classifier.parse(userAgent);
    String browser = userAgent.contains("SamsungBrowser/")
        ? "Samsung Internet"
        : parsed.getOrDefault("name", UNKNOWN);
    return new Family(browser, withoutVersion(parsed.getOrDefault("os", UNKNOWN)));
  }

  /**
   * The parser returns "Windows 10", "Windows 7" and so on; an upgrade must not change the system.
   */
  private static String withoutVersion(String system) {
    return system.startsWith("Windows ") && !system.startsWith("Windows Phone")
        ? "Windows"
        : system;
  }
}
