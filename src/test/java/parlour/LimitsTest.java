package parlour;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import parlour.rates.Rate;

/** Relations between bounds, so that a change of one does not make another one useless. */
class LimitsTest {
  /** JSON needs this many bytes at most for one byte of a text: a backslash, u and four digits. */
  private static final int ESCAPED = 6;

  private static final int SID_CHARACTERS = 34;

  // ---- Deadlines

  @Test
  void the_votes_on_signals_are_a_sample_that_shows_whether_the_budget_is_used_up() {
    assertThat(Limits.SIGNAL_VOTES / Limits.SIGNAL_SHARE)
        .isGreaterThanOrEqualTo(2 * Limits.SIGNAL_DIFFERENCES);
    assertThat(Limits.SIGNAL_VOTES_PENDING).isGreaterThanOrEqualTo(Limits.SIGNAL_VOTES);
    assertThat(Limits.SIGNAL_VOTES_AT_ONCE).isLessThanOrEqualTo(Limits.POSTGRES_GROUP);
    assertThat(Limits.SIGNAL_VOTE_PRECISION.multipliedBy(10)).isLessThan(Limits.SIGNAL_WINDOW);
    // A guest with the last token from before must come back while the signal observes.
    assertThat(Limits.MIN_SIGNAL_OBSERVING).isGreaterThanOrEqualTo(Limits.MAX_TOKEN_TTL);
  }

  @Test
  void the_ledger_is_written_in_groups_that_fit_a_transaction_and_a_call() {
    assertThat(Limits.LEDGER_GROUP).isLessThanOrEqualTo(Limits.POSTGRES_GROUP);
    int characters = 3 * Limits.LEDGER_CHARACTERS // cause, actor, object
        + Limits.LEDGER_PAGE_CHARACTERS
        + Limits.LEDGER_SIGNALS * Limits.LEDGER_SIGNAL_CHARACTERS;
    int entry = 2 * characters + 600; // all printable ASCII, and the names of the fields
    assertThat(Limits.LEDGER_GROUP * entry).isLessThan(Limits.INTERNAL_BODY);
    assertThat(Limits.LEDGER_QUEUE_OF_STRANGERS).isGreaterThan(Limits.LEDGER_NOTES_PER_MINUTE);
    assertThat(Limits.LEDGER_NOTES_PER_DAY).isGreaterThan(Limits.LEDGER_NOTES_PER_MINUTE);
    assertThat(2 * Limits.LEDGER_NOTES_PER_DAY)
        .isLessThanOrEqualTo(Limits.LEDGER_STRANGERS_PER_DAY);
    // One process keeps what strangers cause for the default time; a bucket begins full.
    assertThat(31L * (Limits.LEDGER_STRANGERS_PER_DAY + Limits.LEDGER_FIRSTS_PER_DAY))
        .isLessThan(Limits.LEDGER_ENTRIES);
    growing(Limits.LEDGER_FLUSH, Limits.LEDGER_COUNT);
    assertThat(2 * Limits.SEARCHES_AT_ONCE).isLessThanOrEqualTo(Limits.STORE_READERS);
    growing(Limits.LEDGER_READ_WAIT.plus(Limits.STORE_TIMEOUT), Limits.SCOPED_AUTH_DEADLINE);
    growing(Limits.SEARCH_WAIT.plus(Limits.STORE_TIMEOUT), Limits.CONVERSATIONS_DEADLINE);
    growing(Limits.SEARCH_PAGE, Limits.SEARCH_BATCH, Limits.SEARCH_EXAMINED);
  }

  @Test
  void a_caller_waits_longer_than_the_part_that_it_calls() {
    growing(
        Limits.POSTGRES_GROUP_LOCK_TIMEOUT,
        Limits.STORE_LOCK_TIMEOUT,
        Limits.STORE_TIMEOUT.multipliedBy(5).dividedBy(6), // for one statement
        Limits.STORE_TIMEOUT,
        Limits.SCOPED_AUTH_DEADLINE,
        Limits.FEDERATED_AUTH_DEADLINE,
        Limits.FORWARD_DEADLINE,
        Limits.IDLE_TIMEOUT,
        Limits.DRAIN);
    growing(
        Limits.CONNECT_TIMEOUT
            .multipliedBy(Limits.NODE_ATTEMPTS - 1L)
            .plus(Limits.SCOPED_AUTH_DEADLINE),
        Limits.FEDERATED_AUTH_DEADLINE);
    growing(
        Limits.SCOPED_AUTH_DEADLINE.plus(Limits.STORE_TIMEOUT),
        Limits.CONVERSATIONS_DEADLINE,
        Limits.FORWARD_DEADLINE);
  }

  @Test
  void the_edge_waits_for_an_identity_provider_and_for_the_change_after_it() {
    growing(
        Limits.OIDC_CALL_DEADLINE,
        Limits.OIDC_DEADLINE,
        Limits.OIDC_DEADLINE.plus(Limits.STORE_TIMEOUT.multipliedBy(2)),
        Limits.FORWARD_DEADLINE);
  }

  @Test
  void the_edge_waits_for_a_slow_body_and_for_the_services_behind_the_orchestrator() {
    growing(
        Limits.BODY_DEADLINE
            .plus(Limits.FEDERATED_AUTH_DEADLINE)
            .plus(Limits.CONVERSATIONS_DEADLINE),
        Limits.FORWARD_DEADLINE);
    growing(
        Limits.RESPONSE_MEMORY_TIMEOUT.plus(Limits.CONVERSATIONS_DEADLINE),
        Limits.FORWARD_DEADLINE);
    assertThat(Limits.READER_DEADLINE).isLessThanOrEqualTo(Limits.FORWARD_DEADLINE);
  }

  @Test
  void an_address_that_does_not_answer_is_known_before_the_deadline() {
    growing(Limits.CONNECT_TIMEOUT, Limits.SCOPED_AUTH_DEADLINE);
    growing(
        Limits.CONNECT_TIMEOUT.multipliedBy(Limits.NODE_ATTEMPTS - 1L),
        Limits.CONVERSATIONS_DEADLINE);
  }

  @Test
  void a_store_ends_a_callers_wait_soon_after_its_timeout_and_a_hung_node_later() {
    growing(Limits.STORE_TIMEOUT_CHECK.multipliedBy(10), Limits.STORE_TIMEOUT);
    growing(Limits.STORE_SCRUB_TIMEOUT.multipliedBy(10), Limits.STORE_TIMEOUT);
    growing(Limits.STORE_TIMEOUT, Limits.POSTGRES_IDLE_TRANSACTION);
  }

  @Test
  void a_poll_for_changes_ends_before_its_connection_counts_as_idle() {
    growing(
        Limits.WAKE_UP_CHECK,
        Limits.WAKE_UP_HEARTBEAT,
        Limits.CONVERSATIONS_DEADLINE,
        Limits.WAKE_UP_SILENCE,
        Limits.WAKE_UP_REREAD,
        Limits.WAKE_UP_LIFETIME,
        Limits.REVOCATION_CACHE_TTL);
    growing(Limits.FOLLOW_TIMEOUT, Limits.IDLE_TIMEOUT);
  }

  @Test
  void a_request_of_the_client_package_is_answered_before_the_client_gives_up() {
    growing(
        Limits.REALTIME_SUBSCRIPTION,
        Limits.REALTIME_PATIENCE,
        Limits.REALTIME_PATIENCE.plus(Limits.CONVERSATIONS_DEADLINE),
        Duration.ofSeconds(30)); // the client's own deadline
    growing(
        Limits.REALTIME_SUBSCRIPTION
            .plus(Limits.REALTIME_PAGE_MEMORY_TIMEOUT)
            .plus(Limits.REALTIME_PATIENCE),
        Duration.ofSeconds(30));
    growing(Limits.RESPONSE_MEMORY_TIMEOUT, Limits.REALTIME_PAGE_MEMORY_TIMEOUT);
    growing(
        Limits.REALTIME_PAGE_MEMORY_TIMEOUT,
        Limits.REALTIME_PAGE_PATIENCE,
        Limits.REALTIME_PATIENCE.dividedBy(2));
    growing(Limits.REALTIME_PATIENCE.plus(Limits.SOCKET_SEND), Limits.SOCKET_SILENCE);
    growing(Limits.REALTIME_WAITING_BYTES, Limits.REALTIME_FRAME);
    growing(
        2 * (Limits.REALTIME_FRAME + Limits.REALTIME_WAITING_BYTES), // all that one socket holds
        Limits.REALTIME_REQUEST_MEMORY / Limits.REALTIME_REQUEST_MEMORY_SHARE);
    assertThat(Limits.REALTIME_HEADER + Limits.MESSAGE_CALL_BODY).isLessThan(Limits.REALTIME_FRAME);
    growing(Limits.REALTIME_HANDLING, Limits.REALTIME_SUBSCRIPTION);
  }

  @Test
  void an_address_can_send_in_frames_what_it_can_send_in_calls() {
    growing(
        Limits.MESSAGES_PER_MINUTE + Limits.HISTORIES_PER_MINUTE + Limits.SIGNS_PER_MINUTE,
        Limits.REALTIME_FRAMES_PER_MINUTE);
    assertThat(Limits.MESSAGE_BYTES_PER_MINUTE).isLessThan(Limits.REALTIME_FRAME_BYTES_PER_MINUTE);
    assertThat(Limits.REALTIME_FRAME_BYTES_PER_MINUTE / Limits.REALTIME_FRAMES_PER_MINUTE)
        .as("bytes of a frame that counts once")
        .isGreaterThanOrEqualTo(1_024);
  }

  @Test
  void a_client_closes_an_idle_connection_before_the_server() {
    growing(
        Limits.CLIENT_IDLE, Limits.IDLE_TIMEOUT, Limits.SOCKET_IDLE, Limits.CLIENT_ADDRESS_EXPIRY);
  }

  @Test
  void headers_and_the_steps_of_a_body_are_late_before_the_whole_is() {
    growing(Limits.HEADER_DEADLINE, Limits.IDLE_TIMEOUT);
    growing(Limits.BODY_STEP_DEADLINE, Limits.BODY_DEADLINE);
    assertThat(Limits.BODY_STEP / Limits.BODY_STEP_DEADLINE.toSeconds())
        .as("bytes a second that any link has")
        .isLessThanOrEqualTo(1_024);
  }

  @Test
  void a_stopping_process_outlasts_its_slowest_call_and_is_noticed_before() {
    growing(
        Limits.BODY_DEADLINE.plus(Limits.FORWARD_DEADLINE).plus(Limits.DRAIN_IDLE.multipliedBy(2)),
        Limits.DRAIN);
    growing(Limits.DRAIN_POLL, Limits.DRAIN_IDLE, Limits.LISTENER_STOP, Limits.DRAIN);
    growing(
        Limits.READINESS_AGE,
        Limits.NODE_HEALTH_CHECK,
        Limits.NODE_HEALTH_CHECK.multipliedBy(2),
        Limits.DRAIN_NOTICE,
        Limits.READINESS_WATCH);
    assertThat(Limits.NODE_HEALTH_CHECK.multipliedBy(2)).isLessThanOrEqualTo(Limits.NODE_BACK_OFF);
    growing(Limits.READINESS_AGE, Limits.STORE_HEARTBEAT);
    growing(Limits.RETRY_AFTER, Limits.MAX_RETRY_AFTER);
  }

  @Test
  void a_webhooks_lease_outlasts_a_call_and_the_storing_of_its_result() {
    growing(Limits.EXTERNAL_CONNECT_TIMEOUT, Limits.WEBHOOK_DEADLINE);
    growing(
        Limits.WEBHOOK_DEADLINE
            .plus(Limits.CONVERSATIONS_DEADLINE)
            .plus(Limits.STORE_TIMEOUT.multipliedBy(2)),
        Limits.WEBHOOK_LEASE);
    growing(Limits.WEBHOOK_CHANGE_POLL, Limits.WEBHOOK_POLL, Limits.WEBHOOK_BACK_OFF);
    growing(Limits.WEBHOOK_BACK_OFF, Limits.MAX_WEBHOOK_BACK_OFF, Limits.WEBHOOK_GIVE_UP);
    growing(Limits.MAX_SESSION_TTL.plus(Limits.WEBHOOK_GIVE_UP), Limits.WEBHOOK_CURSOR_RETENTION);
    growing(
        Limits.WEBHOOK_CALLS_WHILE_SILENT, Limits.WEBHOOK_CALLS_PER_ADDRESS, Limits.WEBHOOK_CALLS);
  }

  // ---- Tokens, sessions, clocks

  @Test
  void a_token_is_no_longer_new_when_its_predecessor_stops_being_valid() {
    growing(Limits.NEW_TOKEN_AGE, Limits.GENERATION_GRACE);
    assertThat("999@1767225600000 ".length() * 20)
        .as("twenty first uses")
        .isLessThan(Limits.CONFIRMATIONS_CHARACTERS);
  }

  @Test
  void defaults_are_between_the_shortest_and_the_longest() {
    growing(Limits.MIN_TOKEN_TTL, Limits.TOKEN_TTL_DEFAULT, Limits.MAX_TOKEN_TTL);
    growing(Limits.TOKEN_REFRESH_AHEAD, Limits.TOKEN_TTL_DEFAULT);
    growing(Limits.TOKEN_TTL_DEFAULT, Limits.UNBOUND_SESSION_TTL_DEFAULT, Limits.MAX_SESSION_TTL);
    growing(Limits.UNBOUND_SESSION_TTL_DEFAULT, Limits.BOUND_SESSION_TTL_DEFAULT);
    growing(Limits.MIN_TOKEN_TTL, Limits.MIN_IDLE_TTL, Limits.IDLE_TTL_DEFAULT);
    growing(Limits.IDLE_TTL_DEFAULT, Limits.BOUND_SESSION_TTL_DEFAULT);
    assertThat(Limits.BOUND_SESSION_TTL_DEFAULT).isLessThanOrEqualTo(Limits.MAX_SESSION_TTL);
    growing(Limits.PAGE_DEFAULT, Limits.MAX_PAGE);
    growing(Limits.STORE_CONNECTIONS, Limits.MAX_STORE_CONNECTIONS);
    growing(Limits.MIN_RETENTION, Limits.MAX_RETENTION);
    growing(Limits.MIN_IDEMPOTENCY_KEY_CHARACTERS, Limits.MAX_IDEMPOTENCY_KEY_CHARACTERS);
    growing(Limits.MIN_DISK_RESERVE, Limits.MAX_DISK_RESERVE);
  }

  @Test
  void the_default_idle_ttl_is_long_enough_for_every_token_and_the_shortest_for_the_shortest() {
    growing(Limits.MAX_TOKEN_TTL.multipliedBy(Limits.IDLE_TOKENS), Limits.IDLE_TTL_DEFAULT);
    growing(Limits.MIN_TOKEN_TTL.multipliedBy(Limits.IDLE_TOKENS), Limits.MIN_IDLE_TTL);
    growing(Limits.TOKEN_REFRESH_AHEAD, Limits.MIN_IDLE_TTL);
  }

  @Test
  void a_key_is_known_everywhere_before_its_first_token_and_until_after_its_last_session() {
    growing(Limits.KEY_RING_AGE.multipliedBy(3), Limits.KEY_DISTRIBUTION);
    growing(Limits.MAX_TOKEN_TTL.plus(Limits.CLOCK_SKEW), Limits.KEY_RETIREMENT);
    growing(Limits.MAX_SESSION_TTL.plus(Limits.CLOCK_SKEW), Limits.KEY_RETIREMENT); // bindings
    assertThat(1_000 * Limits.MAX_KEY_ROTATION.toSeconds())
        .as("random nonces of AES-GCM")
        .isLessThan(1L << 32);
  }

  @Test
  void a_proof_outlives_its_call_and_its_nonce_is_remembered_as_long() {
    growing(
        Limits.CLOCK_SKEW.plus(Limits.BODY_DEADLINE).plus(Limits.FORWARD_DEADLINE),
        Limits.PROOF_WINDOW);
    growing(Limits.MIN_PROOF_NONCE_CHARACTERS, Limits.MAX_PROOF_NONCE_CHARACTERS);
    growing(
        Limits.PROOF_WINDOW.multipliedBy(2).plus(Limits.CLOCK_SKEW),
        Limits.NONCE_SLICE.multipliedBy(Limits.NONCE_SLICES - 1L));
  }

  @Test
  void the_digest_of_a_nonce_gives_its_part_and_its_bits() {
    for (int count :
        new int[] {Limits.NONCE_PARTS, Limits.REPEATED_NONCE_PARTS, Limits.NONCE_PART_BITS}) {
      assertThat(Integer.bitCount(count)).as("a power of two").isEqualTo(1);
    }
    assertThat(Limits.NONCE_PART_BITS).isLessThanOrEqualTo(1 << Short.SIZE);
    assertThat(Integer.BYTES + Limits.NONCE_BITS * Short.BYTES).isLessThanOrEqualTo(32);
  }

  @Test
  void copies_of_calls_use_up_a_small_part_of_what_a_session_may_do() {
    growing(4 * Limits.SESSION_REPEATS_PER_MINUTE, Limits.SESSION_REFRESHES_PER_MINUTE);
    growing(4 * Limits.SESSION_REPEATS_PER_MINUTE, Limits.SESSION_MESSAGES_PER_MINUTE);
    growing(4 * Limits.SESSION_REPEATS_PER_MINUTE, Limits.SESSION_SIGNS_PER_MINUTE);
  }

  @Test
  void a_change_by_a_clock_that_is_behind_is_still_seen() {
    assertThat(Limits.WATCH_OVERLAP).isGreaterThanOrEqualTo(Limits.CLOCK_SKEW);
    growing(Limits.WATCH_OVERLAP, Limits.ERASURES_REMEMBERED);
  }

  @Test
  void a_clock_is_doubted_longer_for_what_cannot_be_undone() {
    growing(
        Limits.CLOCK_SKEW,
        Limits.CLOCK_JUMP,
        Limits.CLOCK_SETTLING,
        Limits.CLOCK_STEADY,
        Limits.MAX_CLOCK_DOWNTIME,
        Limits.SESSION_RETENTION);
  }

  @Test
  void a_poll_for_revoked_sessions_and_a_second_node_fit_into_the_promised_second() {
    assertThat(Limits.REVOCATION_POLL.plus(Limits.REVOCATION_POLL_TIMEOUT.multipliedBy(2)))
        .isLessThanOrEqualTo(Limits.MAX_REVOCATION_AGE);
    assertThat(Limits.MAX_REVOCATION_AGE).isLessThanOrEqualTo(Duration.ofSeconds(1));
    growing(Limits.SUPERSEDED_CHECK, Limits.MAX_REVOCATION_AGE);
    growing(Limits.SUPERSEDED_POLL.multipliedBy(10), Limits.SUPERSEDED_TIMEOUT);
    assertThat(Limits.REVOCATION_CHECKS).isLessThanOrEqualTo(Limits.CLIENT_CONNECTIONS / 8);
  }

  @Test
  void an_inbox_shows_everything_within_a_second() {
    growing(Limits.INBOX_PAUSE, Limits.REFUSALS_POLL, Limits.AGENT_POLL);
    assertThat(Limits.AGENT_POLL).isLessThanOrEqualTo(Duration.ofSeconds(1));
    growing(
        Limits.AGENT_POLL,
        Limits.INBOX_OPEN_INTERVAL,
        Limits.INBOX_OPEN_TTL
            .minus(Limits.INBOX_OPEN_INTERVAL)
            .minus(Limits.AVAILABILITY_AGE)
            .minus(Limits.AGENT_POLL));
    growing(Limits.RETRY_AFTER.multipliedBy(10), Limits.INBOX_OUTAGE, Limits.INBOX_OPEN_TTL);
    growing(Limits.AGENT_SEEN_INTERVAL, Limits.INBOX_UNKNOWN_TTL, Limits.AGENT_IDLE);
    growing(Limits.AGENT_SEEN_INTERVAL.multipliedBy(10), Limits.AGENT_IDLE, Limits.AGENT_SESSION);
    growing(Limits.DIRECTORY_POLL, Limits.DIRECTORY_CACHE_TTL);
  }

  // ---- Sizes

  @Test
  void the_longest_message_fits_a_page_and_the_memory_of_a_poll() {
    int longest = longestMessage();
    assertThat(longest).isLessThan(Limits.PAGE_BYTES).isLessThan(Limits.FOLLOW_MEMORY);
    int overview = Limits.OVERVIEW_ENVELOPE_BYTES
        + 2 * Limits.PRE_ENGAGEMENT_BYTES
        + 2 * Limits.CONVERSATION_ATTRIBUTES_BYTES
        + longest;
    assertThat(overview).isLessThan(Limits.PAGE_BYTES);
    assertThat(4
            * (Limits.GREETING_CHARACTERS
                + Limits.GREETING_NAMES * Limits.FRIENDLY_NAME_CHARACTERS))
        .as("a greeting")
        .isLessThan(Limits.MESSAGE_BODY_BYTES);
    assertThat(4 * (Limits.CANNED_TEXT_CHARACTERS + 2 * Limits.FRIENDLY_NAME_CHARACTERS))
        .as("a prepared answer")
        .isLessThan(Limits.MESSAGE_BODY_BYTES);
    assertThat(ESCAPED
            * Limits.CANNED_REPLIES_OFFERED
            * (Limits.CANNED_TITLE_CHARACTERS + Limits.CANNED_TEXT_CHARACTERS))
        .as("the answers that are offered")
        .isLessThan(Limits.PAGE_BYTES);
    assertThat(
            ESCAPED * Limits.NOTES_READ * (Limits.NOTE_CHARACTERS + Limits.AGENT_NAME_CHARACTERS))
        .as("the notes that are read at once")
        .isLessThan(Limits.PAGE_BYTES);
    assertThat(Limits.CANNED_REPLIES_OFFERED).isLessThanOrEqualTo(Limits.CANNED_REPLIES);
  }

  private static int longestMessage() {
    return Limits.MESSAGE_ENVELOPE_BYTES
        + 2 * Limits.MESSAGE_BODY_BYTES
        + 2 * Limits.ATTRIBUTES_BYTES
        + 2 * 3 * Limits.FRIENDLY_NAME_CHARACTERS;
  }

  @Test
  void a_body_has_room_for_its_texts_however_they_are_escaped() {
    growing(
        ESCAPED * (Limits.MESSAGE_BODY_BYTES + Limits.ATTRIBUTES_BYTES), Limits.MESSAGE_CALL_BODY);
    growing(
        ESCAPED * Limits.PRE_ENGAGEMENT_BYTES + ESCAPED / 2 * Limits.MESSAGE_BODY_BYTES,
        Limits.WEBCHAT_BODY,
        Limits.INTERNAL_BODY);
    growing(2 * Limits.TOKEN_CHARACTERS, Limits.SOCKET_FRAME);
    growing(2 * Limits.TOKEN_CHARACTERS, Limits.SMALL_BODY);
  }

  @Test
  void the_longest_lists_fit_a_call_between_processes() {
    int generation = SID_CHARACTERS + 64;
    growing(Limits.GENERATIONS_PER_POLL * generation, Limits.INTERNAL_BODY);
    growing(Limits.GENERATIONS_PER_POLL * generation, Limits.AUTH_RESPONSE_BYTES);
    int revocation = SID_CHARACTERS + 128;
    growing(Limits.REVOCATIONS_LISTED * revocation, Limits.AUTH_RESPONSE_BYTES);
    growing(Limits.PAGE_BYTES + Limits.INTERNAL_BODY, Limits.CONVERSATIONS_RESPONSE_BYTES);
    int participant = Limits.MESSAGE_ENVELOPE_BYTES
        + 2 * Limits.PARTICIPANT_ATTRIBUTES_BYTES
        + 2 * 3 * Limits.FRIENDLY_NAME_CHARACTERS;
    growing(
        Limits.PAGE_BYTES + Limits.CONVERSATION_PARTICIPANTS * participant,
        Limits.CONVERSATIONS_RESPONSE_BYTES);
    int message =
        Limits.MESSAGE_ENVELOPE_BYTES + 2 * (Limits.MESSAGE_BODY_BYTES + Limits.ATTRIBUTES_BYTES);
    growing(message, Limits.INTERNAL_BODY);
    growing(Limits.FOLLOW_BYTES + 60 * Limits.WATCH_REVISIONS, Limits.CONVERSATIONS_RESPONSE_BYTES);
  }

  @Test
  void a_header_that_the_edge_accepts_or_makes_fits_the_next_process() {
    growing(Limits.PUBLIC_HEADER_BYTES * 5 / 4, Limits.INTERNAL_HEADER_BYTES);
    growing(2 * Limits.TRACE_HEADER, Limits.RESPONSE_HEADER_BYTES);
    growing(
        Limits.PREFLIGHT_HEADERS * (Limits.PREFLIGHT_HEADER_CHARACTERS + 2),
        Limits.RESPONSE_HEADER_BYTES);
  }

  // ---- Memory that clients share

  @Test
  void small_answers_need_no_reservation_and_large_ones_get_one() {
    growing(Limits.FOLLOW_UNRESERVED_BYTES, Limits.FOLLOW_BYTES, Limits.FOLLOW_MEMORY);
    growing(Limits.PAGE_BYTES, Limits.PAGE_MEMORY);
    int share = Limits.RESPONSE_MEMORY / Limits.RESPONSE_MEMORY_SHARE;
    assertThat(Limits.PAGE_MEMORY).isLessThanOrEqualTo(share);
    assertThat(Limits.FOLLOW_MEMORY).isLessThanOrEqualTo(share);
    growing(Limits.TOKEN_CHARACTERS, Limits.RESPONSE_UNRESERVED_BYTES);
  }

  @Test
  void one_clients_share_is_enough_for_one_call_and_too_little_to_keep_others_out() {
    assertThat(Limits.SMALL_BODY)
        .as("a refresh needs no reservation")
        .isLessThanOrEqualTo(Limits.BODY_UNRESERVED_BYTES);
    assertThat(Limits.BODY_UNRESERVED_BYTES)
        .as("what the edge reads first can be sent to another node")
        .isLessThanOrEqualTo(Limits.REPEATED_BODY);
    assertThat(Limits.BODY_MEMORY / Limits.BODY_MEMORY_SHARE)
        .isGreaterThanOrEqualTo(Limits.MESSAGE_CALL_BODY);
    assertThat(Limits.FORWARDED_LONG_BODIES).isLessThanOrEqualTo(Limits.CLIENT_CONNECTIONS / 2);
    growing(Limits.HEADER_UNRESERVED_BYTES, Limits.PUBLIC_HEADER_BYTES);
    assertThat(Limits.HEADER_MEMORY / Limits.HEADER_MEMORY_SHARE)
        .isGreaterThanOrEqualTo(Limits.PUBLIC_HEADER_BYTES);
    assertThat(Limits.CONNECTIONS_PER_ADDRESS * 4)
        .as("of an IPv6 /48")
        .isLessThan(Limits.PUBLIC_CONNECTIONS);
    assertThat(Limits.PUBLIC_CONNECTIONS + Limits.CLIENT_CONNECTIONS)
        .as("a socket for each of an edge leaves connections to other calls")
        .isLessThan(Limits.INTERNAL_CONNECTIONS);
  }

  // ---- WebSockets, rates, Redis

  @Test
  void a_socket_is_ended_with_a_reason_before_it_is_ended_without_one() {
    for (Duration timeout : List.of(Limits.SOCKET_HELLO, Limits.SOCKET_SILENCE)) {
      growing(timeout.plus(Limits.SOCKET_OVERDUE), Limits.SOCKET_IDLE);
    }
    assertThat(Limits.SOCKET_PING.multipliedBy(3)).isLessThanOrEqualTo(Limits.SOCKET_SILENCE);
    growing(Limits.SOCKET_PING, Limits.IDLE_TIMEOUT);
    growing(Limits.SOCKET_SEND, Limits.SOCKET_SILENCE);
  }

  @Test
  void a_socket_can_send_all_that_the_protocol_needs() {
    growing(Limits.SOCKET_FRAME / 536 + 1, Limits.SOCKET_TEXT_PARTS);
    growing(Limits.REALTIME_FRAME / 536 + 1, Limits.REALTIME_FRAME_PARTS);
    growing(
        6 * Limits.MESSAGE_BODY_BYTES,
        Limits.REALTIME_FRAME,
        Limits.BODY_MEMORY / Limits.BODY_MEMORY_SHARE);
    assertThat(10 * Limits.RATE_WINDOW.dividedBy(Limits.SOCKET_PING))
        .as("ten times the answers to our pings")
        .isLessThan(Limits.SOCKET_TEXTS_PER_MINUTE);
  }

  @Test
  void a_session_cannot_use_up_what_its_address_and_its_deployment_have() {
    growing(
        Limits.SESSION_REFRESHES_PER_MINUTE,
        Limits.REFRESHES_PER_MINUTE,
        Limits.DEPLOYMENT_REFRESHES_PER_MINUTE);
    growing(
        Limits.SESSION_STREAMS_PER_MINUTE,
        Limits.STREAMS_PER_MINUTE,
        Limits.DEPLOYMENT_STREAMS_PER_MINUTE);
    growing(Limits.CREATES_PER_MINUTE, Limits.DEPLOYMENT_CREATES_PER_MINUTE);
    growing(Limits.SESSION_HISTORIES_PER_MINUTE, Limits.HISTORIES_PER_MINUTE);
    growing(Limits.SESSION_MESSAGES_PER_MINUTE, Limits.MESSAGES_PER_MINUTE);
    growing(Limits.SESSION_MESSAGE_BYTES_PER_MINUTE, Limits.MESSAGE_BYTES_PER_MINUTE);
    growing(Limits.SESSION_SIGNS_PER_MINUTE, Limits.SIGNS_PER_MINUTE);
    growing(
        Limits.HISTORIES_PER_MINUTE + Limits.MESSAGES_PER_MINUTE + Limits.SIGNS_PER_MINUTE,
        Limits.DEPLOYMENT_CALLS_PER_MINUTE / Limits.ORIGIN_SHARE);
    growing((long) Limits.MESSAGE_CALL_BODY, Limits.SESSION_MESSAGE_BYTES_PER_MINUTE);
  }

  @Test
  void a_call_waits_less_for_Redis_than_Redis_may_take_and_a_missed_heartbeat_is_not_an_outage() {
    growing(Limits.REDIS_TIMEOUT, Limits.REDIS_READ_TIMEOUT, Limits.REDIS_HEARTBEAT);
    assertThat(Limits.REDIS_HEARTBEAT.multipliedBy(3)).isLessThanOrEqualTo(Limits.REDIS_SILENCE);
    growing(Limits.REDIS_RETRY_PAUSE, Limits.MAX_REDIS_RETRY_PAUSE);
    growing(Limits.POLL_WITHOUT_EVENTS, Limits.POLL_WITH_EVENTS, Limits.FOLLOW_TIMEOUT);
    growing(Limits.REDIS_BATCH, Limits.REDIS_QUEUE);
    growing(1, 8 * Limits.REDIS_ORDINARY_PART, Limits.REDIS_UNREPORTED_PART + 1);
    growing(16 + " changed".length() + 3 * (1 + SID_CHARACTERS), Limits.REDIS_TEXT_BYTES);
    growing(Limits.FOLLOW_TIMEOUT.multipliedBy(2), Limits.REDIS_LINGER);
    growing(3 * Limits.PUBLIC_CONNECTIONS, Limits.REDIS_FOLLOWED);
    growing(Limits.POLL_WITH_EVENTS, Limits.REDIS_LINGER);
  }

  @Test
  void a_caller_waits_longer_than_the_store_of_files_and_the_checks_of_a_file() {
    growing(Limits.S3_CONNECT_TIMEOUT, Limits.S3_DEADLINE, Limits.S3_WRITE_DEADLINE);
    assertThat(Limits.S3_DEADLINE.plus(Limits.STORE_TIMEOUT))
        .isLessThanOrEqualTo(Limits.CONVERSATIONS_DEADLINE);
    growing(
        Limits.MEDIA_SCAN_WAIT
            .plus(Limits.MEDIA_SCAN_DEADLINE)
            .plus(Limits.MEDIA_IMAGE_WAIT)
            .plus(Limits.MEDIA_IMAGE_DEADLINE)
            .plus(Limits.S3_WRITE_DEADLINE.multipliedBy(2)),
        Limits.MEDIA_DEADLINE);
    growing(Limits.MEDIA_SCAN_DEADLINE, Limits.MEDIA_SCAN_WAIT);
    growing(
        Limits.UPLOAD_DEADLINE.plus(Limits.MEDIA_DEADLINE),
        Limits.FORWARD_FILE_DEADLINE,
        Limits.MEDIA_UNSENT_AGE.dividedBy(
            2)); // the rest is for a store that completes a write late
    assertThat(Limits.MEDIA_SWEEP_FAILURES * Limits.S3_DEADLINE.toSeconds())
        .as("seconds of a sweep while the store is down")
        .isLessThan(Limits.MEDIA_SWEEP.toSeconds());
  }

  @Test
  void a_guest_sends_the_longest_files_of_a_message_at_once() {
    assertThat(Limits.MEDIA_PER_MESSAGE * Rate.SESSION_UPLOADS.drops(Limits.MEDIA_FILE_BYTES))
        .isLessThanOrEqualTo(Rate.SESSION_UPLOADS.calls());
    assertThat(Limits.MEDIA_PER_MESSAGE
            * Rate.UPLOADS.drops(Limits.MEDIA_FILE_BYTES + Limits.UPLOAD_ENVELOPE))
        .as("in forms")
        .isLessThan(Rate.UPLOADS.calls());
  }

  @Test
  void one_address_needs_many_days_to_fill_an_account_with_files() {
    growing(
        Limits.UPLOAD_BYTES_PER_MINUTE,
        Limits.MEDIA_CONVERSATION_BYTES,
        Limits.UPLOAD_BYTES_PER_DAY,
        Limits.MEDIA_ACCOUNT_BYTES / 9);
    growing(Limits.RATE_WINDOW, Limits.RATE_DAY);
    assertThat(Limits.UPLOAD_BYTES_PER_DAY / Limits.UPLOADS_PER_DAY)
        .as("bytes that each call counts as, at least")
        .isEqualTo(Limits.MEDIA_CHUNK);
  }

  // ---- Stores, logs, traces

  @Test
  void a_store_has_room_for_several_groups_and_a_server_for_all_roles() {
    growing(Limits.POSTGRES_GROUP, Limits.STORE_GROUP, Limits.STORE_QUEUE);
    growing(Limits.STORE_STATEMENTS, Limits.STORE_STATEMENTS_KNOWN);
    assertThat(3 * (2 * Limits.STORE_CONNECTIONS + Limits.STORE_SINGLE_CONNECTIONS))
        .as("three stores of a process, at a server that serves three processes")
        .isLessThanOrEqualTo(100 / 3);
    growing(
        2
            * Limits.MESSAGE_BYTES_PER_MINUTE
            * Limits.DISK_CHECK.toSeconds()
            / Limits.RATE_WINDOW.toSeconds(),
        Limits.MIN_DISK_RESERVE);
    growing(4_096L * Limits.STORE_LOG_PAGES, Limits.STORE_LOG_BYTES);
  }

  @Test
  void an_outage_ends_before_the_next_one_begins() {
    growing(Limits.OUTAGE_OVER, Limits.OUTAGE_REMINDER, Limits.OUTAGE_QUIET);
  }

  @Test
  void traces_of_refusals_are_kept_longer_than_those_of_successes() {
    growing(Limits.GOOD_TRACES_KEPT, Limits.TRACES_KEPT);
    growing(Limits.ARROWS_PER_SOCKET, Limits.ARROWS_PER_TRACE);
  }

  /** Each is less than the one after it. */
  @Test
  void a_refused_file_can_be_read_before_the_answer() {
    growing(Limits.MEDIA_FILE_BYTES, Limits.REFUSED_BODY);
    growing(Limits.BODY_DEADLINE, Limits.REFUSED_BODY_DEADLINE, Limits.UPLOAD_DEADLINE);
  }

  @SafeVarargs
  private static <T extends Comparable<? super T>> void growing(T... values) {
    for (int i = 1; i < values.length; i++) {
      assertThat(values[i - 1]).isLessThan(values[i]);
    }
  }
}
