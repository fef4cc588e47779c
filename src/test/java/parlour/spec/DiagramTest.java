package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import parlour.config.Role;
import parlour.spec.Installation.Shape;
import parlour.trace.Diagram;

/** In each shape, the trace of each branch of each diagram equals the drawing. */
public class DiagramTest {

  @ParameterizedTest
  @InBothShapes(always = true)
  void a_guest_starts_a_chat(Shape shape) {
    try (Installation installation = Installation.start(shape)) {
      Guest.Reply reply = installation.guest().init();
      assertThat(reply.status()).isEqualTo(201);
      assertSame(drawn("create-session"), installation.trace(reply.traceId()));
    }
  }

  @ParameterizedTest
  @InBothShapes(always = true)
  void a_guest_reloads_and_goes_on(Shape shape) {
    try (Installation installation = Installation.start(shape)) {
      Guest guest = installation.guest().starts();
      for (Guest.Reply reply : List.of(guest.reloads(), guest.refreshesAsTheWebApp())) {
        assertThat(reply.status()).isEqualTo(200);
        assertSame(drawn("refresh-succeeded"), installation.trace(reply.traceId()));
      }
    }
  }

  @ParameterizedTest
  @InBothShapes(always = true)
  void a_token_copied_to_another_browser_is_refused_by_45779(Shape shape) {
    try (Installation installation = Installation.start(shape)) {
      Guest thief = installation.guest().starts().copiedTo(Browser.FIREFOX_ON_LINUX);
      for (Guest.Reply reply : List.of(thief.reloads(), thief.refreshesAsTheWebApp())) {
        assertThat(reply.status()).isEqualTo(403);
        assertThat(reply.code()).isEqualTo(45779);
        assertSame(
            drawn("refresh-failed").alternative("good token, other fingerprint"),
            installation.trace(reply.traceId()));
      }
    }
  }

  /** The proof is a part of the same arrows: the drawing is as it was without keys. */
  @ParameterizedTest
  @InBothShapes(always = true)
  void a_guest_with_a_key_reloads_and_a_copy_without_it_is_refused_by_45779(Shape shape) {
    try (Installation installation = Installation.start(shape)) {
      Guest guest = installation.guest().withKey(GuestKey.next());
      Guest.Reply begun = guest.begins();
      assertSame(drawn("create-session"), installation.trace(begun.traceId()));
      Guest.Reply refused = guest.copiedTo(Browser.CHROME_ON_WINDOWS).reloads();
      assertThat(refused.code()).isEqualTo(45779);
      assertSame(
          drawn("refresh-failed").alternative("good token, other fingerprint"),
          installation.trace(refused.traceId()));
      Guest.Reply renewed = guest.reloads();
      assertThat(renewed.status()).isEqualTo(200);
      assertSame(drawn("refresh-succeeded"), installation.trace(renewed.traceId()));
      installation.clock.pass(Duration.ofHours(7));
      Guest.Reply late = guest.reloads();
      assertThat(late.status()).isEqualTo(200);
      assertSame(drawn("refresh-succeeded"), installation.trace(late.traceId()));
    }
  }

  @ParameterizedTest
  @InBothShapes(always = true)
  void an_expired_token_is_refused_by_45775(Shape shape) {
    try (Installation installation = Installation.start(shape)) {
      Guest guest = installation.guest().starts();
      installation.clock.pass(Duration.ofHours(7));
      for (Guest.Reply reply : List.of(guest.reloads(), guest.refreshesAsTheWebApp())) {
        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.code()).isEqualTo(45775);
        assertSame(
            drawn("refresh-failed").alternative("token refused"),
            installation.trace(reply.traceId()));
      }
    }
  }

  @ParameterizedTest
  @InBothShapes(always = true)
  void a_bad_token_from_another_browser_is_a_bad_token(Shape shape) {
    try (Installation installation = Installation.start(shape)) {
      Guest thief = installation.guest().starts().copiedTo(Browser.FIREFOX_ON_LINUX);
      installation.clock.pass(Duration.ofHours(7));
      Guest.Reply reply = thief.reloads();
      assertThat(reply.code()).isEqualTo(45775);
      assertSame(
          drawn("refresh-failed").alternative("token refused"),
          installation.trace(reply.traceId()));
    }
  }

  @ParameterizedTest
  @InBothShapes(always = true)
  void an_outage_of_a_service_is_answered_by_45774_and_refuses_nothing(Shape shape) {
    Faults faults = new Faults();
    try (Installation installation = Installation.start(shape, faults)) {
      Guest guest = installation.guest().starts();
      faults.storeDown(Role.SCOPED_AUTH);
      assertUnavailable(installation, guest, "outage of ScopedAuth");
      faults.repair();
      faults.broken(Role.FEDERATED_AUTH, IllegalStateException::new);
      assertUnavailable(installation, guest, "outage of FederatedAuth");
      faults.repair();
      assertThat(guest.reloads().status()).isEqualTo(200);
    }
  }

  private static void assertUnavailable(
      Installation installation, Guest guest, String alternative) {
    for (Guest.Reply reply : List.of(guest.reloads(), guest.refreshesAsTheWebApp())) {
      assertThat(reply.status()).isEqualTo(503);
      assertThat(reply.code()).isEqualTo(45774);
      assertSame(
          drawn("refresh-unavailable").alternative(alternative),
          installation.trace(reply.traceId()));
    }
  }

  public static Diagram drawn(String name) {
    try {
      return Diagram.parse(Files.readString(Path.of("docs/diagrams", name + ".mmd")));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public static void assertSame(Diagram drawn, Diagram seen) {
    assertThat(drawn.seenByServers().differences(seen)).isEqualTo(List.of());
  }
}
