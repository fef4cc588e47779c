package parlour;

import java.time.Duration;

/**
 * Every bound of Parlour, each with its reason. Nothing grows without one. What stands together
 * bounds one thing, and shares the reason above it where it has none of its own.
 */
public final class Limits {
  private Limits() {}

  // ---- tokens and sessions

  /** How long a superseded token stays good: a lost response, a second tab slow to notice. */
  public static final Duration GENERATION_GRACE = Duration.ofSeconds(60);

  /** A shorter-lived token would be refreshed all the time. */
  public static final Duration MIN_TOKEN_TTL = Duration.ofSeconds(60);

  public static final Duration TOKEN_TTL_DEFAULT = Duration.ofHours(6);
  /** A longer-lived token would outlive the keys, which are retired by this. */
  public static final Duration MAX_TOKEN_TTL = Duration.ofHours(24);

  public static final Duration SESSION_TTL_DEFAULT = Duration.ofHours(24);
  /** A guest who is away for a month starts a new chat. */
  public static final Duration MAX_SESSION_TTL = Duration.ofDays(30);

  /** How far the clocks of two nodes may differ before one cannot check the other's fresh token. */
  public static final Duration CLOCK_SKEW = Duration.ofSeconds(30);

  /** How much clock and uptime may differ between two comparisons: NTP slews 0.05 s a minute. */
  public static final Duration CLOCK_JUMP = Duration.ofSeconds(90);
  /** How soon after a jump NTP has corrected the clock: some exchanges, of 16 s and more. */
  public static final Duration CLOCK_SETTLING = Duration.ofMinutes(2);
  /** How long the clock must be steady before rows are deleted for their age: nothing is urgent. */
  public static final Duration CLOCK_STEADY = Duration.ofHours(1);
  /** How long an installation may be off before its clock is doubted: a long weekend. */
  public static final Duration MAX_CLOCK_DOWNTIME = Duration.ofDays(3);

  /** A token has about 850 characters; with the longest identity and grants, 1,500. */
  public static final int TOKEN_CHARACTERS = 2_048;

  /** So long after its issue a token is taken to be used for the first time, until looked at. */
  public static final Duration NEW_TOKEN_AGE = Duration.ofSeconds(5);

  /** First uses remembered per session: 20 and more, so as many reloads within the grace. */
  public static final int CONFIRMATIONS_CHARACTERS = 400;

  /** Looks at one session per check: what changed after the first is there for the second. */
  public static final int SESSION_READS = 2;

  /** Refusals a minute that one session tells apart; past it the answer is "too many". */
  public static final int REFUSALS_PER_SESSION = 30;
  /** Sessions whose refusals are counted at once; 200 bytes each. */
  public static final int REFUSAL_BUCKETS = 100_000;

  /** How long an operator can still look at a session that is over. */
  public static final Duration SESSION_RETENTION = Duration.ofDays(7);

  /** Sessions that one statement forgets or ends, so that the writer is free again soon. */
  public static final int SWEEP_BATCH = 500;
  /** Batches a minute: more sessions than a node opens, a second or so of the chores' thread. */
  public static final int SWEEP_BATCHES = 100;

  /** Revocations told at once; whoever gets as many asks again. */
  public static final int REVOCATIONS_LISTED = 500;

  /** Sessions listed at once. */
  public static final int SESSIONS_LISTED = 1_000;

  // ---- keys

  /** From a key's making until it seals: several times what a node takes to read the ring again. */
  public static final Duration KEY_DISTRIBUTION = Duration.ofSeconds(5);
  /** How old a node's ring may grow. */
  public static final Duration KEY_RING_AGE = Duration.ofSeconds(1);

  /** No token outlives {@link #MAX_TOKEN_TTL}; an hour more for clocks. */
  public static final Duration KEY_RETIREMENT = MAX_TOKEN_TTL.plusHours(1);
  /** Random nonces of AES-GCM stay safe below 2^32 seals: at 1,000 a second, 50 days. */
  public static final Duration MAX_KEY_ROTATION = Duration.ofDays(30);

  // ---- the orchestrator

  /** The contract's. */
  public static final int ALLOWED_ORIGINS = 10;

  /** How often the log repeats that a page's origin is not on a deployment's list. */
  public static final Duration UNLISTED_ORIGIN_LOG_INTERVAL = Duration.ofMinutes(1);

  /**
   * Unlisted origins that the log names per deployment in that time: anybody can send any origin.
   */
  public static final int UNLISTED_ORIGINS_LOGGED = 10;

  /** How long a change of configuration may go unnoticed where every event is lost. */
  public static final Duration DIRECTORY_CACHE_TTL = Duration.ofSeconds(5);

  /** How often a node polls for changes of the configuration: one read of one row. */
  public static final Duration DIRECTORY_POLL = Duration.ofMillis(500);

  /** Deployments of a large installation, and room for made-up keys; 1 KiB each. */
  public static final int DIRECTORY_CACHE_ENTRIES = 10_000;

  /** Different User-Agents of a busy day; 1 KiB each. */
  public static final int USER_AGENTS_CACHED = 10_000;
  /** What is parsed of a User-Agent: real ones have 100 to 300 characters. */
  public static final int USER_AGENT_CHARACTERS = 512;

  /** How long an agent's browser stays signed in, whatever happens. */
  public static final Duration AGENT_SESSION = Duration.ofDays(7);
  /** How long it stays signed in when nobody uses it: a night. */
  public static final Duration AGENT_IDLE = Duration.ofHours(12);
  /** Precision of the time when a browser was last used: it decides about hours. */
  public static final Duration AGENT_SEEN_INTERVAL = Duration.ofMinutes(5);
  /** Cookies of one call that are looked up: one, and some that others put beside it. */
  public static final int AGENT_COOKIES = 4;
  /** How often the log reports refused origins: they come from a mistake in a proxy's settings. */
  public static final Duration ORIGIN_REFUSAL_LOG_INTERVAL = Duration.ofMinutes(1);

  /** Attempts a minute to sign in under one name: more than a person mistypes. */
  public static final int AGENT_ATTEMPTS = 20;
  /** Names whose attempts are counted at once; 300 bytes each. */
  public static final int AGENT_NAMES_COUNTED = 10_000;

  /** An agent's name: part of what guests see. */
  public static final int AGENT_NAME_CHARACTERS = 64;

  /** A greeting that guests find: some lines. */
  public static final int GREETING_CHARACTERS = 1_000;
  /** Places for the guest's name in a greeting: with the longest name it still fits a message. */
  public static final int GREETING_NAMES = 3;

  /** How soon a signed-out browser's inbox socket is closed: each poll reads one row. */
  public static final Duration AGENT_POLL = Duration.ofSeconds(1);

  /** Between two notifications of an inbox, unless more waits: a person reads no faster. */
  public static final Duration INBOX_PAUSE = Duration.ofMillis(200);

  /** The contract's 16 KB. */
  public static final int PRE_ENGAGEMENT_BYTES = 16 * 1024;

  /** A name that a person types. */
  public static final int FRIENDLY_NAME_CHARACTERS = 256;

  /**
   * Pre-engagement data of 16 KB of which JSON escapes every byte, and a first message of 32 KiB of
   * which it escapes every character. There is room for a bit more, so that the answer can say
   * which of the two is too long.
   */
  public static final int WEBCHAT_BODY = 224 * 1024;

  /** An idempotency key is as hard to guess as a random UUID, which has 36 characters with dashes. */
  public static final int MIN_IDEMPOTENCY_KEY_CHARACTERS = 32;

  /** A longer key is no harder to guess. */
  public static final int MAX_IDEMPOTENCY_KEY_CHARACTERS = 64;

  /**
   * How long a repeated Init with the same idempotency key leads to the chat of the first call. A
   * guest who did not get the answer tries again at once; afterwards the key gives access to
   * nothing.
   */
  public static final Duration IDEMPOTENCY_KEY_TTL = Duration.ofMinutes(10);

  /** A message whose every byte is escaped in JSON, its attributes, with room to be told so. */
  public static final int MESSAGE_CALL_BODY = 256 * 1024;

  /** A deployment key and a token, and what an old client may add. */
  public static final int REFRESH_BODY = 16 * 1024;

  /** What is read of a body that is refused, and thrown away, so that its sender sees why. */
  public static final int DISCARDED_BYTES = 1024 * 1024;
  /** How long such a body is waited for: what is on its way when the answer is known. */
  public static final Duration DISCARD_TIMEOUT = Duration.ofMillis(500);

  /** How old an answer about readiness may be: whoever asks all the time costs no store a read. */
  public static final Duration READINESS_AGE = Duration.ofMillis(250);

  // ---- webhooks

  /** What servers commonly take as an address. */
  public static final int WEBHOOK_URL_CHARACTERS = 2_048;

  /** One call of a webhook, from connecting to its answer: what a bot takes to think aloud. */
  public static final Duration WEBHOOK_DEADLINE = Duration.ofSeconds(10);
  /** Connecting over the internet, with a lost packet or two. */
  public static final Duration WEBHOOK_CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** What is read of an answer, and thrown away: its status says it all. */
  public static final int WEBHOOK_RESPONSE_BYTES = 64 * 1024;

  /** Calls of all webhooks at once, of a process: 32 may hang at first, and others go on. */
  public static final int WEBHOOK_CALLS = 256;
  /** Calls of one webhook at once, each of another conversation: a small server stands it. */
  public static final int WEBHOOK_CALLS_PER_ADDRESS = 8;
  /** The same while it does not answer: one call finds out when it does again. */
  public static final int WEBHOOK_CALLS_WHILE_SILENT = 1;

  /** A call, and twice what noting its end may wait for: past it the caller counts as dead. */
  public static final Duration WEBHOOK_LEASE = Duration.ofSeconds(30);

  /** From an event's first failure to its next attempt; twice as long after each further one. */
  public static final Duration WEBHOOK_BACK_OFF = Duration.ofSeconds(1);
  /** A receiver that is back gets what it missed within this. */
  public static final Duration MAX_WEBHOOK_BACK_OFF = Duration.ofMinutes(5);

  /** An event that failed for a day is given up: the guest's token has ended by then. */
  public static final Duration WEBHOOK_GIVE_UP = MAX_TOKEN_TTL;

  /** How often it is looked which events are due, when nothing new wakes it. */
  public static final Duration WEBHOOK_POLL = Duration.ofMillis(500);
  /** Between two looks at what changed: a burst of changes is noted in one write. */
  public static final Duration WEBHOOK_CHANGE_POLL = Duration.ofMillis(50);

  /** How long it is remembered how much of a conversation was delivered: its session is over. */
  public static final Duration WEBHOOK_CURSOR_RETENTION = MAX_SESSION_TTL.plusDays(15);

  /** From the order to stop until the running calls are cut off. */
  public static final Duration WEBHOOK_DRAIN = Duration.ofSeconds(2);

  // ---- conversations

  /** A long letter; what is longer is a file. */
  public static final int MESSAGE_BODY_BYTES = 32 * 1024;

  /** Attributes of a message, which a program attaches to it. */
  public static final int ATTRIBUTES_BYTES = 4 * 1024;

  /** Attributes of a conversation, including the form's answers, which are shown among them. */
  public static final int CONVERSATION_ATTRIBUTES_BYTES = PRE_ENGAGEMENT_BYTES + ATTRIBUTES_BYTES;

  /** A UUID has 36. */
  public static final int CLIENT_ID_CHARACTERS = 64;

  /** How long somebody counts as typing after the last sign of it. */
  public static final Duration TYPING_TTL = Duration.ofSeconds(6);
  /** Conversations in which somebody is typing at once; 300 bytes each. */
  public static final int TYPING_CONVERSATIONS = 50_000;
  /** People remembered as typing in one conversation or account at once. */
  public static final int TYPING_PARTICIPANTS = 100;

  /** How often Conversations polls for revoked sessions: their sockets must close within a second. */
  public static final Duration REVOCATION_POLL = Duration.ofMillis(400);
  /** Time without an answer to such a poll before another node is polled, too: all in a second. */
  public static final Duration REVOCATION_POLL_TIMEOUT = Duration.ofMillis(200);
  /** The oldest answer of a poll on which a socket may be sent anything: the promised second. */
  public static final Duration MAX_REVOCATION_AGE = Duration.ofSeconds(1);
  /**
   * Questions about single sessions at once, as after a start, when every socket comes back: an
   * eighth of {@link #CLIENT_CONNECTIONS}, so that calls of guests find the rest. A socket without a
   * turn within {@link #REVOCATION_POLL} is sent nothing, and tries again later.
   */
  public static final int REVOCATION_CHECKS = 32;
  /**
   * How often Conversations polls for superseded tokens of its open sockets: a socket ends a minute
   * and a half after its token was superseded, and this is a twentieth of that time.
   */
  public static final Duration SUPERSEDED_POLL = Duration.ofSeconds(5);
  /** Generations in one poll: 40 KiB as JSON, well within {@link #INTERNAL_BODY}. */
  public static final int GENERATIONS_PER_POLL = 500;
  /** Time for a tab to present a newer token before its socket ends: a sleeping tab may need it. */
  public static final Duration SUPERSEDED_TIMEOUT = Duration.ofSeconds(60);
  /** How often a socket that waits for a newer token checks whether it must end at once. */
  public static final Duration SUPERSEDED_CHECK = Duration.ofMillis(500);
  /** How long a session's standing is kept when nobody follows it: above a follower's patience. */
  public static final Duration REVOCATION_CACHE_TTL = Duration.ofMinutes(5);
  /** Sessions whose status is cached, 100 bytes each. The status of any other is read again. */
  public static final int REVOCATION_CACHE_ENTRIES = 100_000;

  /** How long a poll waits for changes: shorter than {@link #IDLE_TIMEOUT}, which ends quiet calls. */
  public static final Duration FOLLOW_TIMEOUT = Duration.ofSeconds(10);

  /** Messages, or conversations with their last message, that a subscriber reads at once. */
  public static final int FOLLOW_BATCH = 100;

  /** JSON that a subscriber reads at once, or one message: a stalled reader holds no more. */
  public static final int FOLLOW_BYTES = 64 * 1024;

  /** JSON that it reads without a reservation: 20,000 sockets that do not read hold 80 MB. */
  public static final int FOLLOW_UNRESERVED_BYTES = 4 * 1024;

  /** How often an inbox's subscriber reads refused tokens: agents learn of each within a second. */
  public static final Duration REFUSALS_POLL = Duration.ofMillis(800);

  /** How much later than it was made a change may be seen: another node's clock and commit. */
  public static final Duration WATCH_OVERLAP = CLOCK_SKEW;
  /**
   * How long Parlour remembers that a conversation was erased, so that all subscribers of its
   * account learn it: a day, for an inbox that was disconnected meanwhile. 150 bytes each.
   */
  public static final Duration ERASURES_REMEMBERED = Duration.ofDays(1);
  /**
   * Refused tokens of an account in that time that its inboxes show: more than a person can read.
   */
  public static final int REFUSALS_LISTED = 100;

  /** Revisions of that time known as told, 50 bytes each: more than an account makes in it. */
  public static final int WATCH_REVISIONS = 2_000;

  /** Messages of one conversation: weeks of talk. Longer conversations are floods. */
  public static final int CONVERSATION_MESSAGES = 5_000;
  /** Bytes of these messages with their attributes: 1.6 KB each. Edits and removals free none. */
  public static final long CONVERSATION_BYTES = 8L << 20;
  /**
   * Participants of one conversation, including those who left: a guest, and everyone who answers on
   * a large desk. The whole list is read with every page.
   */
  public static final int CONVERSATION_PARTICIPANTS = 100;

  /** Unread messages that are counted: a thousand are as many as can be said. */
  public static final int UNREAD_COUNTED = 1_000;

  /** Other conversations of a guest that an agent sees: as many as fit beside the open one. */
  public static final int OTHER_CONVERSATIONS = 10;

  /** Messages of one page: several screens. */
  public static final int MAX_PAGE = 100;

  public static final int PAGE_DEFAULT = 50;

  /** JSON of one page: a hundred messages of 1.5 KB, three of the longest; one always fits. */
  public static final int PAGE_BYTES = 256 * 1024;

  /** JSON of a message beside its texts: field names, sids, dates, and the address of the API. */
  public static final int MESSAGE_ENVELOPE_BYTES = 1_024;

  /** JSON of a conversation in a list beside its texts, including its guest and its session. */
  public static final int OVERVIEW_ENVELOPE_BYTES = 4 * 1_024;

  // ---- the edge; rates are of a client address and a minute, and as many again at once

  /** What "per minute" is: what a person who is asked to wait can wait. */
  public static final Duration RATE_WINDOW = Duration.ofMinutes(1);

  /** New chats: an office behind one address on a busy morning. */
  public static final int CREATES_PER_MINUTE = 120;
  /** Refreshes: the same office, all reloading. */
  public static final int REFRESHES_PER_MINUTE = 1_200;
  /** Pages of messages read: each of those reloads brings one. */
  public static final int HISTORIES_PER_MINUTE = REFRESHES_PER_MINUTE;
  /** Messages: of that office, 120 people who type without a pause. */
  public static final int MESSAGES_PER_MINUTE = 1_200;
  /** Bytes of messages: 7 KB for each message. One address can fill a disk with 12 GB a day. */
  public static final long MESSAGE_BYTES_PER_MINUTE = 8L << 20;
  /** Signs of typing, reading and ending: each of those types once in 3 s, and reads as often. */
  public static final int SIGNS_PER_MINUTE = 4_800;
  /** Sockets opened: the office again, after its network was down. */
  public static final int STREAMS_PER_MINUTE = 2_400;
  /** Calls of the server-side API: a program that works off a queue. */
  public static final int SERVER_CALLS_PER_MINUTE = 6_000;
  /** Attempts to sign in: a team behind one address; 100 random bits stay so. */
  public static final int SIGN_INS_PER_MINUTE = 10;
  /** Calls of the inbox: that team, each looking at a few conversations a second. */
  public static final int INBOX_CALLS_PER_MINUTE = 6_000;

  /** Client addresses, times the kinds of calls of each, counted at once; 400 bytes each. */
  public static final int CLIENT_BUCKETS = 200_000;

  // ---- rates of a deployment and of a session

  /** New chats: 25 offices at once; half a node's disk, so that others have the other half. */
  public static final int DEPLOYMENT_CREATES_PER_MINUTE = 3_000;
  /** Refreshes: 30,000 guests who all reload when the site is published anew. */
  public static final int DEPLOYMENT_REFRESHES_PER_MINUTE = 30_000;
  /** Conversation calls: 2,000 guests who all type, read and write at once. */
  public static final int DEPLOYMENT_CALLS_PER_MINUTE = 120_000;
  /** WebSockets opened: those 30,000 guests, after the reload. */
  public static final int DEPLOYMENT_STREAMS_PER_MINUTE = 30_000;

  /** One page of a deployment may take this part of it: its other pages keep the rest. */
  public static final int ORIGIN_SHARE = 2;
  /** A host has 253 at most (RFC 1035 §3.1); what is longer is counted by its beginning. */
  public static final int ORIGIN_CHARACTERS = 300;

  /** Deployments, or pages of them, times the kinds of calls, counted at once; 500 bytes each. */
  public static final int DEPLOYMENT_BUCKETS = 50_000;

  /** Refreshes: a browser that opens thirty tabs again, some times over. */
  public static final int SESSION_REFRESHES_PER_MINUTE = 120;
  /** Pages of messages: each of those tabs reads one, and a long talk page by page. */
  public static final int SESSION_HISTORIES_PER_MINUTE = 240;
  /** Messages: one every half second, which nobody types; and an outbox that empties. */
  public static final int SESSION_MESSAGES_PER_MINUTE = 120;
  /** Bytes of messages: 30 of the longest, which people paste and do not type. */
  public static final long SESSION_MESSAGE_BYTES_PER_MINUTE = 1L << 20;
  /** Signs of typing and reading: three for each of those messages. */
  public static final int SESSION_SIGNS_PER_MINUTE = 360;
  /** WebSockets, and tokens on them: each of those tabs, some times over. */
  public static final int SESSION_STREAMS_PER_MINUTE = 240;

  /** Sessions, times the kinds of calls, counted at once; 400 bytes each. */
  public static final int SESSION_BUCKETS = 200_000;

  // ---- between nodes

  /** Between a follower's looks into the log while no node is heard: a read by primary key. */
  public static final Duration POLL_WITHOUT_EVENTS = Duration.ofSeconds(1);
  /** How often it looks while it is told: for a notice that was lost, which is rare. */
  public static final Duration POLL_WITH_EVENTS = Duration.ofSeconds(5);

  /** What a call waits for Redis at most, once; ten times what it takes on a busy network. */
  public static final Duration REDIS_TIMEOUT = Duration.ofMillis(50);
  /** For how long no call asks Redis after one that waited in vain. */
  public static final Duration REDIS_BYPASS = Duration.ofSeconds(3);
  /** Without an answer for this long the connection is given up: a server pauses for less. */
  public static final Duration REDIS_READ_TIMEOUT = Duration.ofMillis(500);

  /** Between two signs of life that a node sends through Redis to itself. */
  public static final Duration REDIS_HEARTBEAT = Duration.ofSeconds(1);
  /** Without a sign of life for this long a node is deaf: three of its own beats. */
  public static final Duration REDIS_SILENCE = Duration.ofSeconds(3);

  /** The first pause before connecting again; a restart takes about as long. */
  public static final Duration REDIS_RETRY_PAUSE = Duration.ofMillis(200);
  /** The longest pause, doubled up to here: after an outage all nodes are back in seconds. */
  public static final Duration MAX_REDIS_RETRY_PAUSE = Duration.ofSeconds(5);

  /** Questions and notices that wait to be sent: a tenth of a second of Redis's work. */
  public static final int REDIS_QUEUE = 8_192;
  /** Sent at once: 12 KiB, which fits any socket's buffer, so no write waits for a hung server. */
  public static final int REDIS_BATCH = 64;

  /**
   * Calls wait for Redis's answer only past this part of a bucket: a guest uses less of each, and
   * four nodes together let no more than one bucket pass before they know of each other.
   */
  public static final int REDIS_ORDINARY_PART = 4;
  /** Buckets whose usage a node remembers for that; 100 bytes each. */
  public static final int REDIS_USAGES = 200_000;

  /**
   * The longest text from Redis that Parlour reads: an event has a node and three sids, 125 bytes;
   * twice that. Longer texts are not from Parlour, and are skipped without being stored.
   */
  public static final int REDIS_TEXT_BYTES = 256;
  /** Elements of one reply: the largest is the greeting of a server with some dozen modules. */
  public static final int REDIS_REPLY_ELEMENTS = 1_024;
  /** Nested lists in one reply: that greeting has four levels; twice that. */
  public static final int REDIS_REPLY_DEPTH = 8;
  /** Between two log lines about the same event that a stranger or each call can repeat. */
  public static final Duration REDIS_LOG_INTERVAL = Duration.ofMinutes(1);

  /** How long a browser may remember the preflight's answer: what Chromium allows at most. */
  public static final Duration PREFLIGHT_AGE = Duration.ofHours(2);

  /** Header names that one preflight may request: pages wrap fetch and add a few of their own. */
  public static final int PREFLIGHT_HEADERS = 64;

  /** The longest header name that a preflight allows. */
  public static final int PREFLIGHT_HEADER_CHARACTERS = 128;

  /** X-Forwarded-For entries looked at: more proxies than this nobody has. */
  public static final int FORWARDED_HOPS = 16;

  // ---- deadlines: each hop waits longer than all that it waits for

  /** How long a caller waits for a read or a durable change. */
  public static final Duration STORE_TIMEOUT = Duration.ofMillis(1_500);

  /** To ScopedAuth, which waits for its store. */
  public static final Duration SCOPED_AUTH_DEADLINE = Duration.ofSeconds(2);

  /** To Conversations, which asks ScopedAuth first, and then its store. */
  public static final Duration CONVERSATIONS_DEADLINE = Duration.ofMillis(4_500);

  /** To Conversations, when it is asked to wait for something to happen. */
  public static final Duration FOLLOW_DEADLINE = FOLLOW_TIMEOUT.plus(CONVERSATIONS_DEADLINE);

  /** To FederatedAuth, which asks ScopedAuth twice. */
  public static final Duration FEDERATED_AUTH_DEADLINE = Duration.ofMillis(4_500);

  /** What a caller is told to wait when nobody knows how long an outage lasts. */
  public static final Duration RETRY_AFTER = Duration.ofSeconds(2);
  /** A service, or a webhook's receiver, that asks for more patience is not believed. */
  public static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

  /** To connect: an address that is refused or swallows packets is known before any deadline. */
  public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

  // ---- the log

  /** Between two log lines about an outage that continues, for each thing that fails. */
  public static final Duration OUTAGE_REMINDER = Duration.ofMinutes(1);
  /** Time without a failure after which work counts as recovered, and not as flapping. */
  public static final Duration OUTAGE_OVER = Duration.ofSeconds(2);
  /** Time since the last failure after which a new one is another outage: above a task's minute. */
  public static final Duration OUTAGE_QUIET = Duration.ofSeconds(90);
  /** Reasons of one outage that are logged: enough to understand it. */
  public static final int OUTAGE_REASONS = 8;

  // ---- traces

  /** The longest course of events has 17 arrows. */
  public static final int ARROWS_PER_TRACE = 64;

  /** Refusals whose traces are kept in memory, and as many other failures; a trace has 1 to 4 KiB. */
  public static final int TRACES_KEPT = 2_000;

  /** Traces of what went well: fewer, since under load the collector copies them all the time. */
  public static final int GOOD_TRACES_KEPT = 500;

  /** Characters of the header in which a service sends its arrows back. */
  public static final int TRACE_HEADER = 6 * 1024;

  // ---- what a listener takes from a connection

  /** A browser sends 2 KiB at most, with cookies of the page 8; twice that. */
  public static final int PUBLIC_HEADER_BYTES = 16 * 1024;

  /** What the edge took, a quarter for spaces after colons, our own: never 431 among us. */
  public static final int INTERNAL_HEADER_BYTES = PUBLIC_HEADER_BYTES * 5 / 4 + 4 * 1024;

  /** The trace header may have 6 KiB; Jetty answers 500 when a response's header overflows. */
  public static final int RESPONSE_HEADER_BYTES = 16 * 1024;

  /** Threads without work that a listener keeps; more would wait at once only on a large machine. */
  public static final int REUSABLE_THREADS = 128;

  /**
   * Reads from one connection without a wait, and requests that came in them; after that many, its
   * thread pauses for a moment, so that others get their turn. Nothing interrupts a virtual thread
   * that does not wait, and only as many run as there are cores. 16 reads are 128 KiB.
   */
  public static final int READS_WITHOUT_PAUSE = 16;

  /** Platform threads of a listener that run its deadlines: two, in case one is busy. */
  public static final int DEADLINE_THREADS = 2;

  /** 10 KiB of memory each when idle: 200 MB. */
  public static final int PUBLIC_CONNECTIONS = 20_000;
  /** Of one address: a tenth of all, which is an office of 600 guests with three each. */
  public static final int CONNECTIONS_PER_ADDRESS = PUBLIC_CONNECTIONS / 10;

  /**
   * Memory for all long bodies still arriving: 256 of the largest. Slow senders could ask for 5 GB.
   */
  public static final int BODY_MEMORY = 64 << 20;
  /** One client address can use an eighth of that, so that seven others find memory. */
  public static final int BODY_MEMORY_SHARE = 8;
  /** The part of each body that needs no memory of it: every refresh, and nearly every message. */
  public static final int BODY_UNRESERVED_BYTES = 16 * 1024;
  /** Memory that is taken from the pool at once. */
  public static final int BODY_RESERVATION = 32 * 1024;

  /** Long bodies that the edge forwards at the same time: half of its connections to a service. */
  public static final int FORWARDED_LONG_BODIES = 128;

  /** Memory for all headers still arriving, beyond the free part. A header is at most 16 KiB. */
  public static final int HEADER_MEMORY = 32 << 20;
  /** One client address can use an eighth of that: 340 headers that do not end. */
  public static final int HEADER_MEMORY_SHARE = 8;
  /** The free part of each header: twice what browsers send without cookies. */
  public static final int HEADER_UNRESERVED_BYTES = 4 * 1024;

  /** JSON being made or waiting for readers: 128 of the largest pages. They could ask for 5 GB. */
  public static final int RESPONSE_MEMORY = 32 << 20;

  /** One client address can use an eighth of that, so that seven others find memory. */
  public static final int RESPONSE_MEMORY_SHARE = 8;

  /** An answer up to this size needs no memory of the pool: all answers but pages of messages. */
  public static final int RESPONSE_UNRESERVED_BYTES = 4 * 1024;

  /** JSON of an answer to a change beside the texts that it repeats: sids, dates, addresses. */
  public static final int RESPONSE_ENVELOPE_BYTES = 2 * MESSAGE_ENVELOPE_BYTES;

  /** Memory for a page while it is made: its texts, and its JSON. */
  public static final int PAGE_MEMORY = 2 * PAGE_BYTES;

  /** Memory that a subscriber holds: the messages, and the one that is being sent as JSON. */
  public static final int FOLLOW_MEMORY = 2 * FOLLOW_BYTES;

  /** How long a call waits for memory: meanwhile other calls of its address read the store. */
  public static final Duration RESPONSE_MEMORY_TIMEOUT = Duration.ofMillis(1_500);

  /** Time to read any answer, even a small one over a bad network ... */
  public static final Duration READER_DEADLINE = Duration.ofSeconds(20);

  /** ... and a second more for each of these: half of a slow mobile link's rate. */
  public static final int READER_BYTES_PER_SECOND = 64 * 1024;

  /** Every service's clients, 256 connections each from a handful of nodes; and a socket's each. */
  public static final int INTERNAL_CONNECTIONS = 4_096 + PUBLIC_CONNECTIONS;

  /** Connections the kernel holds while we are busy: a burst of reloads after a deploy. */
  public static final int ACCEPT_QUEUE = 1_024;

  /** Above a browser's think time between two calls, below the 60 s of common load balancers. */
  public static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);

  /** A header fits a few packets; three lost ones in a row still arrive in time. */
  public static final Duration HEADER_DEADLINE = Duration.ofSeconds(10);

  /** The largest body over a bad mobile link, with retransmissions. */
  public static final Duration BODY_DEADLINE = Duration.ofSeconds(10);

  /** Bytes that a long body must bring in each {@link #BODY_STEP_DEADLINE}. */
  public static final int BODY_STEP = 4 * 1024;
  /** Two lost packets in a row on a bad mobile link; any such link has more than 1 KiB a second. */
  public static final Duration BODY_STEP_DEADLINE = Duration.ofSeconds(4);

  /** The edge's whole call: a slow body, the answer; below {@link #IDLE_TIMEOUT}, which gives none. */
  public static final Duration FORWARD_DEADLINE = Duration.ofSeconds(20);

  /** A stopping process takes calls this long: edges look each second, quick balancers each two. */
  public static final Duration DRAIN_NOTICE = Duration.ofSeconds(5);

  /** Nobody asked for so long: nobody would notice. Balancers and Kubernetes ask each 10 s. */
  public static final Duration READINESS_WATCH = Duration.ofSeconds(30);

  /** Longer than the slowest honest call: a body, then the orchestrator's deadline. */
  public static final Duration DRAIN = Duration.ofSeconds(35);

  // ---- TLS

  /** How soon a replaced certificate is used: renewals happen days before the end. */
  public static final Duration CERTIFICATE_POLL = Duration.ofSeconds(30);
  /** How long before a certificate's end the log warns: by then it should have been renewed. */
  public static final Duration CERTIFICATE_WARNING = Duration.ofDays(14);

  /** How long a browser remembers to come by https only: a year, as most sites do. */
  public static final Duration HSTS_MAX_AGE = Duration.ofDays(365);

  // ---- WebSockets

  /** Said at once by a client: a token and the signals beside it are 8 KiB at most; twice that. */
  public static final int SOCKET_FRAME = 16 * 1024;

  /** The longest message, 200 KiB with every byte escaped, over a bad mobile link. */
  public static final Duration SOCKET_SEND = Duration.ofSeconds(10);

  /** From the handshake to the hello: a browser says it at once. */
  public static final Duration SOCKET_HELLO = Duration.ofSeconds(10);

  /** Of one session, or one browser at the inbox: as many tabs as a person keeps open. */
  public static final int SOCKETS_PER_SESSION = 32;

  /** Texts a minute on one: a pong each 25 s, a token each hour; ten times that. */
  public static final int SOCKET_TEXTS_PER_MINUTE = 30;

  /**
   * Frames without content a minute, and as many more in a burst: pings, pongs, empty parts. Our
   * protocol needs none of them; some proxies ping each second.
   */
  public static final int SOCKET_EMPTY_FRAMES_PER_MINUTE = 60;
  /** Parts of one text: the largest in packets of 536 bytes comes in 31. */
  public static final int SOCKET_TEXT_PARTS = 128;
  /**
   * Frames read after our close: those already on their way, with the largest text in its parts.
   */
  public static final int SOCKET_FRAMES_AFTER_CLOSE = SOCKET_TEXT_PARTS;

  /** Between two signs of life that we send: below the 30 s and 60 s of common proxies. */
  public static final Duration SOCKET_PING = Duration.ofSeconds(25);
  /** Without a sign of life for this long the other side is gone: three pings unanswered. */
  public static final Duration SOCKET_SILENCE = Duration.ofSeconds(75);
  /** Nothing passes either way, not even the pings: for what both sides forgot. */
  public static final Duration SOCKET_IDLE = Duration.ofSeconds(90);

  /** How long before its end a token is to be refreshed, at most; at least a tenth of its time. */
  public static final Duration TOKEN_REFRESH_AHEAD = Duration.ofMinutes(5);

  /**
   * How much later the edge ends a silent socket than the service behind it, which gives the
   * reason; and how much later a thread for deadlines ends it than the socket's own thread, which
   * may not have run.
   */
  public static final Duration SOCKET_OVERDUE = Duration.ofSeconds(2);

  /** From our close to the end of the connection: for the other side to have read why. */
  public static final Duration SOCKET_CLOSE = Duration.ofSeconds(2);

  /** A socket's admission has a dozen; what happens in its hours is no part of the picture. */
  public static final int ARROWS_PER_SOCKET = 24;

  // ---- what may be in a body

  /** Between ourselves: pre-engagement data whose every byte is escaped, and the rest. */
  public static final int INTERNAL_BODY = 256 * 1024;

  /** Our messages nest 4 deep; a caller's unknown fields may nest a little more. */
  public static final int JSON_DEPTH = 32;

  /** The parser's own bound: a longer number costs more than its share. */
  public static final int JSON_NUMBER_CHARACTERS = 1_000;

  /** Form fields: ours are five, an old client's extras a dozen. */
  public static final int FORM_FIELDS = 100;

  /** Whoever reaches the internal listener may guess as often as it answers. */
  public static final int INTERNAL_SECRET_CHARACTERS = 16;

  // ---- asking another process

  /** Concurrent calls to one service; each is one connection of HTTP/1.1. */
  public static final int CLIENT_CONNECTIONS = 256;

  /** Followers of one conversations node: one per socket, never in the place of a quick call. */
  public static final int FOLLOW_CONNECTIONS = PUBLIC_CONNECTIONS;

  /** Calls waiting for a connection. When the service hangs they give up with the deadline. */
  public static final int CLIENT_QUEUE = 1_024;

  /** Below {@link #IDLE_TIMEOUT}, so that the client closes first and rarely meets a closed connection. */
  public static final Duration CLIENT_IDLE = Duration.ofSeconds(15);

  /** Connections to an address that a name no longer has; above every idle timeout. */
  public static final Duration CLIENT_ADDRESS_EXPIRY = Duration.ofMinutes(5);

  /** Between looks at a node, and for one: a tiny call; a stopping one gets work meanwhile. */
  public static final Duration NODE_HEALTH_CHECK = Duration.ofSeconds(1);
  /** How long a node that refused a connection is asked last: two looks, and it is known better. */
  public static final Duration NODE_BACK_OFF = Duration.ofSeconds(2);
  /** Nodes asked for one call: two that are gone, {@link #CONNECT_TIMEOUT} each, and one more. */
  public static final int NODE_ATTEMPTS = 3;

  /** Kept of a body, to send it to another node: every refresh and nearly every message fits. */
  public static final int REPEATED_BODY = 16 * 1024;

  /** The largest answer about tokens has 4 KiB; sessions are told in hundreds. */
  public static final int AUTH_RESPONSE_BYTES = 256 * 1024;

  /** A page, and beside it a subscriber's cursor or the participants of a conversation. */
  public static final int CONVERSATIONS_RESPONSE_BYTES = 1 << 20;

  // ---- the store

  /** Changes that wait for the writer: 0.1 s of a quick disk; past it, better told at once. */
  public static final int STORE_QUEUE = 1_024;

  /** In one commit: the flush gets cheap (64 callers fill 64), singly it is within patience. */
  public static final int STORE_GROUP = 256;

  /** Readers per store. Each pins a carrier thread while it runs, and keeps a page cache. */
  public static final int STORE_READERS = 4;

  /** Prepared statements kept per connection: more than any role's distinct statements. */
  public static final int STORE_STATEMENTS = 64;

  /** Statements whose form was looked at once; several times those of all roles. */
  public static final int STORE_STATEMENTS_KNOWN = 1_024;

  /** For another process's lock: below the patience, to say why; above a command's change. */
  public static final Duration STORE_LOCK_TIMEOUT = Duration.ofSeconds(1);

  /** Between two writes of readiness, which checks that stores accept writes: one flush each. */
  public static final Duration STORE_HEARTBEAT = Duration.ofSeconds(2);
  /** How often a process records that its stores are in use: an older one was restored. */
  public static final Duration STORE_ALIVE_SPREAD = Duration.ofHours(1);

  /** How often a store looks for callers that waited too long: a fifteenth of their patience. */
  public static final Duration STORE_TIMEOUT_CHECK = Duration.ofMillis(100);

  /** How long a starting process waits while another one migrates: migrations copy tables. */
  public static final Duration STORE_MIGRATION_TIMEOUT = Duration.ofMinutes(1);

  /** How soon after an erasure, or a start, deleted data is removed from the disk, if possible. */
  public static final Duration STORE_SCRUB_DELAY = Duration.ofSeconds(1);
  /** How long that delays changes while it waits for readers; then it is tried again. */
  public static final Duration STORE_SCRUB_TIMEOUT = Duration.ofMillis(100);
  /** Free pages of 4 KiB given back to the disk at once: 4 MiB, some hundredths of a second. */
  public static final int STORE_SCRUB_PAGES = 1_000;

  /** Pages of 4 KiB in the log before they move to the database: 4 MiB, SQLite's default. */
  public static final int STORE_LOG_PAGES = 1_000;
  /** Bytes a log keeps after a burst: some times its ordinary size, so it rarely shrinks. */
  public static final long STORE_LOG_BYTES = 16L << 20;

  // the disk, and how long data is kept

  /** Free space below which no new chat can begin: this part of the disk ... */
  public static final int DISK_RESERVE_PART = 20;
  /** ... at most this on a large disk: one address adds up to 12 GB a day to running chats. */
  public static final long MAX_DISK_RESERVE = 4L << 30;
  /** ... and at least this on a small one: the stores' logs, and a backup's copy of one. */
  public static final long MIN_DISK_RESERVE = 256L << 20;

  /** How often the free space is read: one address writes 250 MB at most meanwhile. */
  public static final Duration DISK_CHECK = Duration.ofSeconds(10);

  /** The shortest retention: a guest may come back to a conversation on the same day. */
  public static final Duration MIN_RETENTION = Duration.ofDays(1);
  /**
   * The longest retention, ten years: an operator who wants more wants conversations kept for ever.
   */
  public static final Duration MAX_RETENTION = Duration.ofDays(3_650);

  /** How often Parlour looks for conversations whose retention time is over. */
  public static final Duration RETENTION_INTERVAL = Duration.ofMinutes(10);
  /** Conversations erased in one call: within its deadline, each in a transaction of its own. */
  public static final int RETENTION_BATCH = 20;
  /** Such batches of a deployment in one run: 2,000 conversations, 288,000 a day. */
  public static final int RETENTION_BATCHES = 100;

  // ---- the store, where it is a PostgreSQL

  /** In one commit: a busy day's callers; each statement is a round trip while locks are held. */
  public static final int POSTGRES_GROUP = 64;

  /** To read, per role, and as many to change: 30 of a PostgreSQL's 100; more splits the groups. */
  public static final int STORE_CONNECTIONS = 4;
  /** More would be spent waiting in the server. */
  public static final int MAX_STORE_CONNECTIONS = 64;
  /** Connections beside those of the groups, for changes that go alone after their group failed. */
  public static final int STORE_SINGLE_CONNECTIONS = 2;

  /** For a lock, held for a commit; then a group's changes go singly, past whoever holds it. */
  public static final Duration POSTGRES_GROUP_LOCK_TIMEOUT = Duration.ofMillis(250);

  /** How often work is begun at most: a deadlock, a lost connection, and the one that works. */
  public static final int POSTGRES_ATTEMPTS = 3;

  /** Checks of the server process behind a connection, to detect a pooler. */
  public static final int POSTGRES_POOLER_CHECKS = 5;

  /** A transaction doing nothing: longer than a caller waits; a hung node loses its locks. */
  public static final Duration POSTGRES_IDLE_TRANSACTION = Duration.ofSeconds(3);

  /** To get a connection, new if need be: half of the patience, for the work has the other half. */
  public static final Duration POSTGRES_CONNECTION_WAIT = STORE_TIMEOUT.dividedBy(2);

  /** A connection is replaced after this: what piles up in a server's process goes with it. */
  public static final Duration POSTGRES_CONNECTION_AGE = Duration.ofMinutes(30);

  /** Rows that a move of data compares or writes at once: half a megabyte of ordinary messages. */
  public static final int COPY_BATCH = 500;

  /**
   * Lines a minute for each kind of security event: enough to see an attack, and 10 MB a day at
   * most if somebody guesses passwords.
   */
  public static final int SECURITY_LINES = 30;

  static {
    // A caller waits longer than the part that it calls, so that the log can name the reason.
    inOrder(
        POSTGRES_GROUP_LOCK_TIMEOUT,
        STORE_LOCK_TIMEOUT,
        STORE_TIMEOUT.multipliedBy(5).dividedBy(6),
        STORE_TIMEOUT,
        SCOPED_AUTH_DEADLINE,
        CONVERSATIONS_DEADLINE,
        FORWARD_DEADLINE);
    inOrder(SCOPED_AUTH_DEADLINE.multipliedBy(2), FEDERATED_AUTH_DEADLINE, FORWARD_DEADLINE);
    inOrder(STORE_TIMEOUT, POSTGRES_IDLE_TRANSACTION);
    inOrder(
        CLOCK_SKEW,
        CLOCK_JUMP,
        CLOCK_SETTLING,
        CLOCK_STEADY,
        MAX_CLOCK_DOWNTIME,
        SESSION_RETENTION);
  }

  private static void inOrder(Duration... growing) {
    for (int i = 1; i < growing.length; i++) {
      if (growing[i - 1].compareTo(growing[i]) >= 0) {
        throw new IllegalStateException(growing[i - 1] + " must be shorter than " + growing[i]);
      }
    }
  }
}
