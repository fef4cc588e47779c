package peer;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.jose.jws.JwsAlgorithm;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.server.authorization.JdbcOAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.OAuth2Authorization;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.OAuth2TokenFormat;
import org.springframework.security.oauth2.server.authorization.settings.TokenSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.web.SecurityFilterChain;

/**
 * Spring Authorization Server, as fast as its settings make it: virtual threads, no web session, a
 * client secret that is compared and not hashed, authorizations found by their token. Each client has its access tokens signed in a way of its own, so that one process shows
 * which way is the fastest.
 *
 * <p>Arguments: the port; how many authorizations each client has; the file into which their refresh
 * tokens are written, a line of client and token each; where it keeps them, or else in memory.
 */
@SpringBootApplication(proxyBeanMethods = false)
public class SpringPeer {
  private static final String DATABASE = "peer.database";
  private static final String SCHEMA =
      "org/springframework/security/oauth2/server/authorization/oauth2-authorization-schema.sql";
  private static final Duration LONG = Duration.ofHours(6);
  private static final Set<String> SCOPES = Set.of("chat");

  /** By the client's name; the client "opaque" has tokens that are only looked up. */
  private static final Map<String, JwsAlgorithm> SIGNED = Map.of(
      "RS256", SignatureAlgorithm.RS256,
      "ES256", SignatureAlgorithm.ES256,
      "HS256", MacAlgorithm.HS256);

  private static final List<String> CLIENTS = List.of("RS256", "ES256", "HS256", "opaque");

  public static void main(String[] arguments) throws IOException {
    if (arguments.length > 3) {
      System.setProperty(DATABASE, arguments[3]);
    }
    var context = new SpringApplication(SpringPeer.class)
        .run(
            "--server.address=127.0.0.1",
            "--server.port=" + arguments[0],
            "--server.tomcat.max-keep-alive-requests=-1",
            "--spring.threads.virtual.enabled=true",
            "--spring.main.banner-mode=off",
            "--logging.level.root=warn");
    begin(
        context.getBean(OAuth2AuthorizationService.class),
        context.getBean(RegisteredClientRepository.class),
        Integer.parseInt(arguments[1]),
        Path.of(arguments[2]));
  }

  /** As after a guest's sign-in with an authorization code; the file appears when all is ready. */
  private static void begin(
      OAuth2AuthorizationService authorizations,
      RegisteredClientRepository clients,
      int count,
      Path tokens)
      throws IOException {
    Instant now = Instant.now();
    List<String> lines = new ArrayList<>();
    for (String name : CLIENTS) {
      RegisteredClient client = Objects.requireNonNull(clients.findByClientId(name));
      for (int i = 0; i < count; i++) {
        String guest = "guest" + i;
        String token = UUID.randomUUID().toString();
        authorizations.save(OAuth2Authorization.withRegisteredClient(client)
            .principalName(guest)
            .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
            .authorizedScopes(SCOPES)
            .attribute(
                Principal.class.getName(),
                UsernamePasswordAuthenticationToken.authenticated(guest, null, List.of()))
            .accessToken(new OAuth2AccessToken(
                OAuth2AccessToken.TokenType.BEARER,
                UUID.randomUUID().toString(),
                now,
                now.plus(LONG),
                SCOPES))
            .refreshToken(new OAuth2RefreshToken(token, now, now.plus(LONG)))
            .build());
        lines.add(name + " " + token);
      }
    }
    Path written = Files.write(Path.of(tokens + ".new"), lines);
    Files.move(written, tokens, StandardCopyOption.ATOMIC_MOVE);
  }

  @Bean
  SecurityFilterChain filters(HttpSecurity http) throws Exception {
    return http.oauth2AuthorizationServer(Customizer.withDefaults())
        .sessionManagement(
            session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .build();
  }

  @Bean
  RegisteredClientRepository clients() {
    return new InMemoryRegisteredClientRepository(
        CLIENTS.stream().map(SpringPeer::client).toList());
  }

  private static RegisteredClient client(String name) {
    return RegisteredClient.withId(name)
        .clientId(name)
        .clientSecret("secret of " + name) // no two may have the same
        .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
        .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
        .authorizationGrantType(AuthorizationGrantType.REFRESH_TOKEN)
        .redirectUri("https://shop.example.com/")
        .scopes(scopes -> scopes.addAll(SCOPES))
        .tokenSettings(TokenSettings.builder()
            .reuseRefreshTokens(false)
            .accessTokenTimeToLive(LONG)
            .refreshTokenTimeToLive(LONG)
            .accessTokenFormat(
                SIGNED.containsKey(name)
                    ? OAuth2TokenFormat.SELF_CONTAINED
                    : OAuth2TokenFormat.REFERENCE)
            .build())
        .build();
  }

  @Bean
  OAuth2AuthorizationService authorizations(
      Environment environment, RegisteredClientRepository clients) throws IOException {
    String url = environment.getProperty(DATABASE);
    if (url == null) {
      return new Authorizations();
    }
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(16);
    JdbcTemplate database = new JdbcTemplate(new HikariDataSource(config));
    String schema = new ClassPathResource(SCHEMA).getContentAsString(StandardCharsets.UTF_8);
    database.execute(schema.replace("blob", "text")); // as its documentation says of PostgreSQL
    database.execute("CREATE INDEX ON oauth2_authorization (refresh_token_value)");
    return new JdbcOAuth2AuthorizationService(database, clients);
  }

  @Bean
  JWKSource<SecurityContext> keys() throws JOSEException {
    return new ImmutableJWKSet<>(new JWKSet(List.of(
        new RSAKeyGenerator(2048)
            .algorithm(JWSAlgorithm.RS256)
            .keyUse(KeyUse.SIGNATURE)
            .keyID("rsa")
            .generate(),
        new ECKeyGenerator(Curve.P_256)
            .algorithm(JWSAlgorithm.ES256)
            .keyUse(KeyUse.SIGNATURE)
            .keyID("ec")
            .generate(),
        new OctetSequenceKeyGenerator(256)
            .algorithm(JWSAlgorithm.HS256)
            .keyUse(KeyUse.SIGNATURE)
            .keyID("mac")
            .generate())));
  }

  @Bean
  OAuth2TokenCustomizer<JwtEncodingContext> signing() {
    return context -> context
        .getJwsHeader()
        .algorithm(
            Objects.requireNonNull(SIGNED.get(context.getRegisteredClient().getClientId())));
  }

  /** The default one replaces what is not hashed by bcrypt, and then spends 40 ms on each call. */
  @Bean
  PasswordEncoder secrets() {
    return new PasswordEncoder() {
      @Override
      public String encode(CharSequence raw) {
        return raw.toString();
      }

      @Override
      public boolean matches(CharSequence raw, String encoded) {
        return MessageDigest.isEqual(
            raw.toString().getBytes(StandardCharsets.UTF_8),
            encoded.getBytes(StandardCharsets.UTF_8));
      }
    };
  }
}
