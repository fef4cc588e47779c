package peer;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.security.oauth2.core.AbstractOAuth2Token;
import org.springframework.security.oauth2.server.authorization.OAuth2Authorization;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.OAuth2TokenType;

/**
 * Authorizations in memory, found by their refresh token at once: Spring's own service looks through
 * all of them, which would make the peer slower than a database would.
 */
final class Authorizations implements OAuth2AuthorizationService {
  private final Map<String, OAuth2Authorization> byId = new ConcurrentHashMap<>();
  private final Map<String, OAuth2Authorization> byRefreshToken = new ConcurrentHashMap<>();

  @Override
  public void save(OAuth2Authorization authorization) {
    OAuth2Authorization before = byId.put(authorization.getId(), authorization);
    if (before != null) {
      byRefreshToken.remove(refreshToken(before));
    }
    byRefreshToken.put(refreshToken(authorization), authorization);
  }

  @Override
  public void remove(OAuth2Authorization authorization) {
    byId.remove(authorization.getId());
    byRefreshToken.remove(refreshToken(authorization));
  }

  @Override
  public OAuth2Authorization findById(String id) {
    return byId.get(id);
  }

  @Override
  public OAuth2Authorization findByToken(String token, OAuth2TokenType type) {
    return byRefreshToken.get(token);
  }

  private static String refreshToken(OAuth2Authorization authorization) {
    AbstractOAuth2Token token = authorization.getRefreshToken().getToken();
    return token.getTokenValue();
  }
}
