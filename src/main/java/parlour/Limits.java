package parlour;

import java.time.Duration;

/**
 * Every bound of Parlour, each with its reason. Nothing grows without one.
 *
 * <p>A comment says what is bounded, and after the colon why by this number. A name without {@code
 * MIN_} is a maximum or a time; {@code MAX_} distinguishes it from a minimum, a default or a first
 * value of the same thing. Constants without an empty line between them belong together.
 *
 * <p>{@code LimitsTest} asserts the relations between them, so that a change of one does not make
 * another one useless.
 */
public final class Limits {
  private Limits() {}

  // ---- Tokens and sessions

  /** How long a superseded token stays valid: for a lost response, or a second tab that is slow. */
  public static final Duration GENERATION_GRACE = Duration.ofSeconds(60);

  /**
   * A token younger than this is taken as not used yet, so its session is not read: a browser uses a new token at
   * once.
   */
  public static final Duration NEW_TOKEN_AGE = Duration.ofSeconds(5);

  /** The shortest lifetime of a token: clients would refresh a shorter one continuously. */
  public static final Duration MIN_TOKEN_TTL = Duration.ofSeconds(60);

  public static final Duration TOKEN_TTL_DEFAULT = Duration.ofHours(6);
  /** The longest lifetime of a token: a guest who is away for a day comes back to the chat. */
  public static final Duration MAX_TOKEN_TTL = Duration.ofHours(24);

  /** Without a key a session ends after a day: a copy of its token can be used. */
  public static final Duration UNBOUND_SESSION_TTL_DEFAULT = Duration.ofHours(24);
  /** The longest session: a guest who comes back after a month starts a new chat. */
  public static final Duration MAX_SESSION_TTL = Duration.ofDays(30);
  /** A session with a key lives as long as one can: a copied token is of no use. */
  public static final Duration BOUND_SESSION_TTL_DEFAULT = MAX_SESSION_TTL;

  /** The shortest idle TTL: hidden pages and dark phones show no sign of life for minutes. */
  public static final Duration MIN_IDLE_TTL = Duration.ofMinutes(10);
  /** Two weeks, as a long holiday: a browser that was away for longer is seldom seen again. */
  public static final Duration IDLE_TTL_DEFAULT = Duration.ofDays(14);
  /**
   * The end of an idle session moves in steps of its idle TTL divided by this, so it can be up to one step late: each
   * move writes two indexes.
   */
  public static final int IDLE_TTL_STEPS = 64;
  /** Token TTLs in an idle TTL: only a new token counts as a use, and one can be almost due. */
  public static final int IDLE_TOKENS = 2;

  /** The longest token: an ordinary one has about 950 characters, the largest claims make 1,700. */
  public static final int TOKEN_CHARACTERS = 2_048;

  /** Length of the first uses of a session's generations: the last 20 reloads, or more. */
  public static final int CONFIRMATIONS_CHARACTERS = 400;

  /** Reads of one session for one validation: a second one if a refresh came between. */
  public static final int SESSION_READS = 2;

  /** How long the record of a session is kept after its end: an operator who looks comes within days. */
  public static final Duration SESSION_RETENTION = Duration.ofDays(7);

  /** Sessions that one statement ends or deletes, so that other changes wait only briefly. */
  public static final int SWEEP_BATCH = 500;
  /** Such statements a minute: together more sessions than a node opens, in about a second. */
  public static final int SWEEP_BATCHES = 100;

  /** Sessions that the command line lists at once: more than a person reads. */
  public static final int SESSIONS_LISTED = 1_000;
  /** Sessions of a conversation in an export: it has one, or two if an answer was lost. */
  public static final int SESSIONS_OF_A_CONVERSATION = 100;
  /** Conversations of a guest that an export or an erasure reads at once: few guests have more. */
  public static final int CONVERSATIONS_OF_A_GUEST = 20;

  /**
   * How long before its end a token must be refreshed, unless a tenth of its time is less: clocks
   * and outages of minutes end no session.
   */
  public static final Duration TOKEN_REFRESH_AHEAD = Duration.ofMinutes(5);

  /** How long after its end a chat can be reopened: until the same hour of the next day. */
  public static final Duration REOPEN_DEFAULT = Duration.ofHours(24);

  // ---- The clock

  /** How far the clocks of two nodes may differ: NTP keeps them within milliseconds. */
  public static final Duration CLOCK_SKEW = Duration.ofSeconds(30);
  /** A larger difference between clock and uptime is a jump: NTP slews by 0.05 s a minute only. */
  public static final Duration CLOCK_JUMP = Duration.ofSeconds(90);
  /** How long no token is refused for its age after a jump: NTP corrects it in some 16 s polls. */
  public static final Duration CLOCK_SETTLING = Duration.ofMinutes(2);
  /** How long nothing is deleted for its age after a jump: no deletion is urgent. */
  public static final Duration CLOCK_STEADY = Duration.ofHours(1);
  /** The longest time between two starts that does not cast doubt on the clock: a long weekend. */
  public static final Duration MAX_CLOCK_DOWNTIME = Duration.ofDays(3);

  // ---- Proofs of bound sessions

  /** How far a proof's time may be off: two nodes' clocks, and a call with a slow body, twice. */
  public static final Duration PROOF_WINDOW = Duration.ofMinutes(2);
  /** Digits of that time: the longest integer of a structured field (RFC 9651 §3.3.1). */
  public static final int PROOF_CREATED_DIGITS = 15;

  /** The shortest nonce of a proof: 96 random bits, which no two calls of a session share. */
  public static final int MIN_PROOF_NONCE_CHARACTERS = 16;
  /** The longest nonce of a proof: a SHA-256 in hex; ours has 22 characters. */
  public static final int MAX_PROOF_NONCE_CHARACTERS = 64;

  /** How long new chats share the server's key pair; making one takes a sixth of an agreement. */
  public static final Duration KEY_PAIR_USE = Duration.ofMinutes(10);

  /** The time whose nonces are in one filter, and are forgotten together: a minute of the rates. */
  public static final Duration NONCE_SLICE = Duration.ofMinutes(1);
  /**
   * Filters that are searched. The older ones cover whole minutes. Together they cover the longest
   * validity of a proof: twice {@link #PROOF_WINDOW}, plus {@link #CLOCK_SKEW}.
   */
  public static final int NONCE_SLICES = 6;
  /** Bits that a nonce sets in a filter: more help only with much larger filters. */
  public static final int NONCE_BITS = 8;
  /** Bits of a part of a filter: 1 KB, which is allocated with the first nonce in it. */
  public static final int NONCE_PART_BITS = 8 * 1_024;
  /**
   * Parts of a filter: 4 MB, and 25 MB of all filters, however many nonces come. At 1.2 million
   * reads a minute, more than a process can answer, one new nonce in 11,000 looks used.
   */
  public static final int NONCE_PARTS = 4_096;
  /** The same for calls that may be repeated, where a mistake only counts: 6 MB of all filters. */
  public static final int REPEATED_NONCE_PARTS = NONCE_PARTS / 4;

  // ---- Signals that only observe

  /** Networks that vote: {@link #SIGNAL_SHARE} of them is twice {@link #SIGNAL_DIFFERENCES}. */
  public static final int SIGNAL_VOTES = 2_048;
  /** How long a vote counts after its session's last call: a guest is seen once a day. */
  public static final Duration SIGNAL_WINDOW = Duration.ofHours(24);
  /** The shortest time between two writes of an unchanged vote: a vote counts for 24 hours. */
  public static final Duration SIGNAL_VOTE_PRECISION = Duration.ofHours(1);

  /**
   * Votes in which a signal must differ before it only observes: so many guests are thrown out first,
   * and so many networks a thief needs. A dozen guests can change something on one day by chance.
   */
  public static final int SIGNAL_DIFFERENCES = 20;
  /** ... and they are one in this many: a hundred times what honest guests were measured to do. */
  public static final int SIGNAL_SHARE = 50;
  /** How long it observes at least: guests come back with their old tokens for a day. */
  public static final Duration MIN_SIGNAL_OBSERVING = MAX_TOKEN_TTL;

  /** Time between two stores of new votes: some guests more are thrown out meanwhile. */
  public static final Duration SIGNAL_UPDATE = Duration.ofSeconds(2);
  /** Votes that wait to be stored, 200 bytes each: two for each call of a busy node meanwhile. */
  public static final int SIGNAL_VOTES_PENDING = 4_096;
  /** Votes in one transaction: each is a round trip to PostgreSQL. */
  public static final int SIGNAL_VOTES_AT_ONCE = 64;
  /** Deployments with observing signals that a node reads: more would have one cause. */
  public static final int SIGNAL_STATES_READ = 10_000;
  /** Time between two checks whether signals can decide again: short against a day. */
  public static final Duration SIGNAL_RETURNS_CHECK = Duration.ofMinutes(1);

  // ---- Token keys

  /** From the creation of a key to its first use: every node reads it several times meanwhile. */
  public static final Duration KEY_DISTRIBUTION = Duration.ofSeconds(5);
  /**
   * How old a node's copy of the key ring may become: a command's new key is used within a second.
   */
  public static final Duration KEY_RING_AGE = Duration.ofSeconds(1);

  /** From a key's last use to its deletion: the longest session, plus an hour for clocks that differ. */
  public static final Duration KEY_RETIREMENT = MAX_SESSION_TTL.plusHours(1);
  /** The longest use of a key: AES-GCM is safe below 2^32 tokens, which is 1,000/s for 50 days. */
  public static final Duration MAX_KEY_ROTATION = Duration.ofDays(30);

  /**
   * Token keys up to which the console makes new ones: three times as many as exist with one key a day.
   * Each process reads all keys each second, so an admin must not add an unlimited number.
   */
  public static final int TOKEN_KEYS_OF_CONSOLE = 100;

  /** Master keys in one file: the new one, the old one, and one that an interrupted change left. */
  public static final int MASTER_KEYS = 3;
  /** Attempts to change the key ring: another node changes it once a day, and a command now and then. */
  public static final int KEY_RING_ATTEMPTS = 3;

  /** The longest secret of another role that is sealed, and its owner: a few lines. */
  public static final int SEALED_SECRET_CHARACTERS = 1_024;

  // ---- Accounts, deployments and their pages

  /** The name of a deployment that the console sets: it fits a line of the page. */
  public static final int DEPLOYMENT_NAME_CHARACTERS = 100;

  /** Origins that a deployment can list: the number in the public contract. */
  public static final int ALLOWED_ORIGINS = 10;

  /** Characters that are kept of an origin: a host has 253 at most (RFC 1035 §3.1). */
  public static final int ORIGIN_CHARACTERS = 300;
  /** Pages' origins that are remembered as the ledger keeps them: 1 KiB each at most, 1 MiB. */
  public static final int ORIGINS_REMEMBERED = 1_000;

  /**
   * Time between two log lines about the same origin that a deployment does not list: a busy page
   * causes 1,440 lines a day and not one for each visitor.
   */
  public static final Duration UNLISTED_ORIGIN_LOG_INTERVAL = Duration.ofMinutes(1);
  /** Unlisted origins of a deployment that are logged in that time: anybody can invent origins. */
  public static final int UNLISTED_ORIGINS_LOGGED = 10;

  /**
   * How long a changed configuration may go unnoticed if every event about it is lost: an operator
   * who tries a new setting waits no longer.
   */
  public static final Duration DIRECTORY_CACHE_TTL = Duration.ofSeconds(5);
  /**
   * Time between two comparisons of an edge's settings with those of each orchestrator: a
   * difference is in the log a minute after the start that causes it.
   */
  public static final Duration SETTINGS_COMPARED = Duration.ofMinutes(1);
  /** Time between two polls for such a change: each reads one row. */
  public static final Duration DIRECTORY_POLL = Duration.ofMillis(500);

  /**
   * Attempts of a change of an operator that others overtake: people change the directory by hand, and
   * scripts in a few processes.
   */
  public static final int DIRECTORY_CHANGE_ATTEMPTS = 20;
  /** Deployments that a large installation has, and room for invented keys: 1 KiB each, 10 MiB. */
  public static final int DIRECTORY_CACHE_ENTRIES = 10_000;

  /** Different User-Agents of a busy day: 1 KiB each, 10 MiB. */
  public static final int USER_AGENTS_CACHED = 10_000;
  /** Headers whose digests are remembered: those of a busy day, 1.5 KiB each at most, 15 MiB. */
  public static final int HEADERS_DIGESTED = 10_000;
  /** Guests whose own header is remembered: those who chat at one time, 1.5 KiB each at most, 6 MiB. */
  public static final int GUESTS_DIGESTED = 4_000;
  /** Characters of a User-Agent that are parsed: browsers send 100 to 300. */
  public static final int USER_AGENT_CHARACTERS = 512;

  /** The longest greeting that opens a conversation: some lines. */
  public static final int GREETING_CHARACTERS = 1_000;
  /** Places for the guest's name in a greeting: with the longest name it still fits a message. */
  public static final int GREETING_NAMES = 3;

  /** Hours of one day: before, between and after three breaks. */
  public static final int HOURS_OF_DAY = 4;
  /** Holidays of an address: those of several years. */
  public static final int HOLIDAYS = 100;
  /** How far ahead the next opening is searched: no guest waits for a later one. */
  public static final Duration OPENING_HORIZON = Duration.ofDays(100);
  /** The longest text for the time when nobody answers: some lines of the widget. */
  public static final int AWAY_TEXT_CHARACTERS = 200;

  // ---- API keys of an account's programs

  /** API keys of an account, expired ones too: one for each of many programs, and its successor. */
  public static final int API_KEYS = 100;
  /** The longest name of an API key: some words about its program. */
  public static final int API_KEY_NAME_CHARACTERS = 64;
  /** How long an API key works if its creator does not say it: a quarter of a year. */
  public static final Duration API_KEY_TTL = Duration.ofDays(90);
  /** The longest life of an API key: a key that nobody has replaced for a year is a forgotten one. */
  public static final Duration MAX_API_KEY_TTL = Duration.ofDays(366);
  /** The shortest life: long enough to paste it into a program. */
  public static final Duration MIN_API_KEY_TTL = Duration.ofMinutes(1);
  /** How soon the day of a key's use is recorded: an operator sees it in the list then. */
  public static final Duration API_KEY_USE_INTERVAL = Duration.ofSeconds(2);
  /** API keys whose use waits to be recorded, as in an outage of the store: 100 bytes each, 1 MB. */
  public static final int API_KEYS_REMEMBERED = 10_000;

  // ---- Agents and their inbox

  /**
   * The longest name with which an agent signs in: as long as the local part of an email address.
   */
  public static final int AGENT_NAME_CHARACTERS = 64;

  /** The longest name of an agent that guests see: it is stored with each message of the agent. */
  public static final int AGENT_DISPLAY_NAME_CHARACTERS = 64;

  /** Browsers of an agent that the inbox lists, the last used first: few people have more. */
  public static final int AGENT_BROWSERS = 50;

  /** Characters of a browser's User-Agent that are kept so that its agent recognises it. */
  public static final int AGENT_BROWSER_CHARACTERS = 256;

  /** Members of a desk: as many agents as the inbox lists. */
  public static final int DESK_MEMBERS = 1_000;
  /** Desks of an account that have members: each call of an agent names those that it must not read. */
  public static final int DESKS_WITH_MEMBERS = 100;
  /** Addresses of an account that the console lists; it creates none beyond them. They fill a page. */
  public static final int DESKS_OF_CONSOLE = 100;
  /** Desks of which the console counts the conversations that wait: one indexed read for each. */
  public static final int DESKS_COUNTED = 20;
  /** Lines of opening hours: one for each day of a week. */
  public static final int HOURS_LINES = 7;
  /** Desks whose parts of a list one query joins: SQLite takes 500. Beyond, it skips hidden rows. */
  public static final int DESKS_JOINED = 100;
  /** Conversations whose desk an inbox remembers, because it never changes: 200 bytes each, 2 MB. */
  public static final int DESKS_REMEMBERED = 10_000;

  /** Agents of an account that the inbox lists, so that it can name them: more than a large team. */
  public static final int AGENTS_LISTED = 1_000;

  /**
   * How long an agent's browser stays signed in, even if it is used all the time: a stolen cookie
   * works for a week at most.
   */
  public static final Duration AGENT_SESSION = Duration.ofDays(7);
  /** How long it stays signed in without being used: a night. */
  public static final Duration AGENT_IDLE = Duration.ofHours(12);
  /** Precision of the time of its last use: that time decides about hours. */
  public static final Duration AGENT_SEEN_INTERVAL = Duration.ofMinutes(5);
  /** Cookies of one call that are looked up: the right one, and some that other programs set. */
  public static final int AGENT_COOKIES = 4;

  /** Wrong passwords a minute for one name: more than a person mistypes. */
  public static final int AGENT_ATTEMPTS = 20;
  /** Names whose attempts are counted at the same time: 300 bytes each, 3 MB. */
  public static final int AGENT_NAMES_COUNTED = 10_000;

  /** How long a code of a second factor is new: what authenticator apps expect (RFC 6238 §5.2). */
  public static final Duration SECOND_FACTOR_STEP = Duration.ofSeconds(30);
  /** Steps before and after the present one whose code is accepted: for a clock that is not exact. */
  public static final int SECOND_FACTOR_SKEW_STEPS = 1;
  /** Bytes of an app's secret: as many as SHA-1 has (RFC 4226 §4). */
  public static final int SECOND_FACTOR_BYTES = 20;
  /**
   * Codes that are compared for an agent in {@link #SECOND_FACTOR_WINDOW}: of a million codes three
   * are right, so a thief with the password guesses one by a chance of one in 1,400 a day. Each right
   * code of the agent ends the count, so it gives the thief up to ten more, one in 33,000.
   */
  public static final int SECOND_FACTOR_TRIES = 10;

  public static final Duration SECOND_FACTOR_WINDOW = Duration.ofHours(1);
  /**
   * The longest from the set-up of an app to its first code: somebody who must install the app first. A
   * thief with a cookie alone gets no further set-up, so guesses at most twice
   * {@link #SECOND_FACTOR_TRIES}.
   */
  public static final Duration SECOND_FACTOR_SET_UP = Duration.ofHours(1);
  /** Recovery codes that an agent gets: enough for years of lost phones. */
  public static final int RECOVERY_CODES = 10;
  /** The longest text that is taken for a code: a recovery code with separators, and some spaces. */
  public static final int SECOND_FACTOR_CODE_CHARACTERS = 40;

  /** From the click to the return from the provider: a person looks for the phone with the app. */
  public static final Duration OIDC_ATTEMPT = Duration.ofMinutes(10);
  /** How far the clocks of Parlour and the provider may differ: both are set by NTP. */
  public static final Duration OIDC_CLOCK_SKEW = Duration.ofMinutes(1);
  /**
   * How long before the click an ID token may be dated: Entra ID dates its tokens 5 minutes back, and
   * its clock can be {@link #OIDC_CLOCK_SKEW} behind. The nonce binds a token to its attempt.
   */
  public static final Duration OIDC_BACKDATED = Duration.ofMinutes(6);
  /**
   * How long a browser stays signed in that signed in at the provider: a person who was removed there
   * is out after a working day at most.
   */
  public static final Duration OIDC_SESSION = Duration.ofHours(12);
  /** The deadline of one call to the provider: a person who waits longer clicks again. */
  public static final Duration OIDC_CALL_DEADLINE = Duration.ofSeconds(5);
  /**
   * The deadline of all calls that one step of a sign-in makes: up to four after a change of keys. The edge waits for
   * {@link #FORWARD_DEADLINE}, and the agent is stored after these calls, so an attempt that is over gets its answer.
   */
  public static final Duration OIDC_DEADLINE = Duration.ofSeconds(12);
  /** Bytes of an answer of the provider: a discovery document has 7 KB, a token with 200 groups 20 KB. */
  public static final int OIDC_RESPONSE_BYTES = 128 * 1024;
  /** How many calls may wait for the provider at once: a slow provider must not delay sign-ins with a password. */
  public static final int OIDC_CALLS = 32;
  /** How long the discovery document is cached: after that, a click finds out that the provider is down. */
  public static final Duration OIDC_METADATA_TTL = Duration.ofMinutes(1);
  /** How long its keys are used: a key that it withdraws is refused soon. */
  public static final Duration OIDC_KEYS_TTL = Duration.ofMinutes(10);
  /** The shortest time between two reads of the keys that unknown key ids cause: valid tokens cause few. */
  public static final Duration OIDC_KEYS_PAUSE = Duration.ofSeconds(10);
  /** The longest code: that of Entra ID has up to 2,000 characters. */
  public static final int OIDC_CODE_CHARACTERS = 4_096;
  /** The longest name of a person at the provider: as OpenID Connect Core 1.0, 2 says. */
  public static final int OIDC_SUBJECT_CHARACTERS = 255;
  /** Names that are tried for a new agent before one with random digits: few persons have the same. */
  public static final int OIDC_NAMES = 9;

  /** The longest label: two or three words. */
  public static final int LABEL_CHARACTERS = 40;
  /** Labels of a conversation: more than a row of the inbox can show. */
  public static final int LABELS_OF_A_CONVERSATION = 20;
  /** Labels of an account that are offered to agents: more than a person reads. */
  public static final int LABELS_OFFERED = 200;

  /** The longest note: half a page. */
  public static final int NOTE_CHARACTERS = 2_000;
  /** Notes of a conversation: more than a team reads; 8 KiB each at most. */
  public static final int NOTES_OF_A_CONVERSATION = 200;
  /** Notes that are read at once: the longest ones fit a page. */
  public static final int NOTES_READ = 20;

  /** Conversations of a list of the inbox that are counted: the page shows "99+" for more. */
  public static final int LISTED_COUNTED = 100;

  /** Conversations that a removed agent leaves with one call: it ends before its deadline. */
  public static final int LEFT_AT_ONCE = 100;

  /**
   * Calls by which the console lets a removed agent leave the open conversations, {@link #LEFT_AT_ONCE} each, so that its own
   * call ends: an agent has fewer. Any further conversation names the agent until another one claims it.
   */
  public static final int LEAVING_CALLS = 5;

  /** The latest entries in the history of a conversation: more than a team reads; 300 bytes each. */
  public static final int EVENTS_OF_A_CONVERSATION = 1_000;
  /**
   * The latest of them that one identity made: a guest who ends and reopens a chat over and over
   * replaces their own entries, and none of the team's. As many changes of labels are kept apart, so that they replace no
   * other entry of their agent.
   */
  public static final int EVENTS_OF_ONE = 200;
  /** Entries of a history that are read at once: all of nearly every conversation. */
  public static final int EVENTS_READ = 200;

  /**
   * Rows that a page of the inbox examines if no index has all conditions of its list: 15 to 43 ms on a busy machine. A rare
   * combination is found page by page. The rows with the time of the last one are examined, too: each is of a call of its own, so
   * they are few.
   */
  public static final int LIST_EXAMINED = 3_000;
  /**
   * How many times as many rows each batch has as the one before: a page that fills soon reads few rows, and a rare combination
   * takes few statements.
   */
  public static final int LIST_GROWTH = 3;

  /** The longest search of conversations: two sentences. */
  public static final int SEARCH_CHARACTERS = 200;
  /** Different terms of it that the index is asked for: the others only sort out what it finds. */
  public static final int SEARCH_TERMS = 24;
  /** The longest term: a longer word is found by its beginning. */
  public static final int SEARCH_TERM_CHARACTERS = 40;
  /** The shortest beginning of a word that is searched for: nearly every text has shorter ones. */
  public static final int MIN_SEARCH_PREFIX = 2;
  /** Conversations on a page of results: two screens. */
  public static final int SEARCH_PAGE = 20;
  /** Texts that a page examines, of 32 KiB at most, and for how long, so that others wait less. */
  public static final int SEARCH_EXAMINED = 200;

  public static final Duration SEARCH_TIME = Duration.ofMillis(300);
  /** Texts that are asked for at once: a page of results is mostly found in so many. */
  public static final int SEARCH_BATCH = 40;
  /** For each of them, PostgreSQL examines so many without its index: the index is slow at common words. */
  public static final int SEARCH_WINDOW = 50;
  /** Characters of the passage that a result shows: three lines of the list. */
  public static final int SEARCH_PASSAGE = 140;
  /** How long a search waits for others: a dozen usual ones. */
  public static final Duration SEARCH_WAIT = Duration.ofSeconds(1);
  /** How soon a message can be found: an agent cannot search for it sooner. */
  public static final Duration SEARCH_UPDATE = Duration.ofMillis(500);
  /**
   * Conversations in a transaction of the index: most have one text, so they share its round trips, and SQLite writes
   * their terms to the disk together.
   */
  public static final int SEARCH_UPDATED = 25;
  /** The latest of them: a new message is found soon, also while an old store is indexed for the first time. */
  public static final int SEARCH_UPDATED_NEWEST = 2;
  /**
   * A process picks the rest at random from this many of the latest conversations that are not indexed: two
   * processes then have one of eight picks in common, and the slower one only reads its texts.
   */
  public static final int SEARCH_CHOSEN_FROM = 400;
  /**
   * Transactions of the index for each list of those conversations: to read a list takes as long as to index some
   * messages. A message that arrives meanwhile waits for the next list.
   */
  public static final int SEARCH_CHOSEN = 2;
  /**
   * Revisions that the index reads at once, each with a message at most: 3.2 MB. All conversations have the
   * same share of them, so that of a busy one no more texts are read than a transaction takes.
   */
  public static final int SEARCH_UPDATED_MESSAGES = 100;
  /**
   * Terms in the index of a text, and in a transaction: SQLite removes them in about 0.2 s. All conversations
   * have the same share of them.
   */
  public static final int SEARCH_UPDATED_TERMS = 1_000;
  /** How long a conversation that could not be indexed waits: a lasting fault costs little then. */
  public static final Duration SEARCH_RETRY = Duration.ofMinutes(2);
  /** Such conversations that a process remembers: more of them are an outage of the store. */
  public static final int SEARCH_FAILED = 100;

  /** How long an agent counts as viewing a conversation: the page reports it every 10 s. */
  public static final Duration VIEWING_TTL = Duration.ofSeconds(20);
  /** Looks of an account's agents at the same time: a large team with several tabs each. */
  public static final int VIEWING_AGENTS = 200;
  /** Accounts whose agents look at conversations at the same time: 40 KiB each at most, 40 MiB. */
  public static final int VIEWING_ACCOUNTS = 1_000;

  /** How often an open inbox is recorded: each time is a write, and a team has many pages open. */
  public static final Duration INBOX_OPEN_INTERVAL = Duration.ofSeconds(25);
  /** How long the inbox counts as open afterwards: a reload, or a lost connection, is shorter. */
  public static final Duration INBOX_OPEN_TTL = Duration.ofSeconds(75);
  /** How long a signed-in browser that has not opened the inbox yet counts as open: its page loads. */
  public static final Duration INBOX_UNKNOWN_TTL = Duration.ofMinutes(15);
  /** How long browsers and processes keep whether somebody answers: a guest reads for as long. */
  public static final Duration AVAILABILITY_AGE = Duration.ofSeconds(15);

  /** Prepared answers of an account: more than a team keeps an overview of; 5 KiB each. */
  public static final int CANNED_REPLIES = 200;
  /** Prepared answers that are offered at once: the agent types more characters to find others. */
  public static final int CANNED_REPLIES_OFFERED = 10;
  /** The longest title of a prepared answer: one line. */
  public static final int CANNED_TITLE_CHARACTERS = 100;
  /** The longest prepared answer: a page of text, and with two long names it still fits a message. */
  public static final int CANNED_TEXT_CHARACTERS = 4_000;

  /** How soon the socket of a signed-out browser is closed: each poll reads one row. */
  public static final Duration AGENT_POLL = Duration.ofSeconds(1);
  /** How long that socket stays while sign-ins cannot be read: a restart. Its page then tries again. */
  public static final Duration INBOX_OUTAGE = Duration.ofMinutes(1);
  /** Time between two updates of an inbox, unless more of them wait: no person reads faster. */
  public static final Duration INBOX_PAUSE = Duration.ofMillis(200);

  /** Time between two reads of refused tokens: agents see each of them within a second. */
  public static final Duration REFUSALS_POLL = Duration.ofMillis(800);
  /** Refused tokens that an inbox shows at once: more than a person can read. */
  public static final int REFUSALS_LISTED = 100;

  /** Desks that the filter of the inbox offers: more than a person looks through. */
  public static final int DESKS_LISTED = 500;

  /** Other conversations of a guest that an agent sees: as many as fit beside the open one. */
  public static final int OTHER_CONVERSATIONS = 10;
  /** The largest number of unread messages that is counted: beyond it the number says nothing. */
  public static final int UNREAD_COUNTED = 1_000;
  /**
   * Conversations of a list whose unread messages are counted together, those with the latest activity: each open
   * inbox asks every few seconds.
   */
  public static final int UNREAD_CONVERSATIONS = 500;
  /** Unread messages of each of these: its row shows "99+" for more. */
  public static final int UNREAD_OF_EACH = 100;

  // ---- Starting a chat

  /** The longest name of a guest: nobody's typed name is longer, and each message carries it. */
  public static final int FRIENDLY_NAME_CHARACTERS = 256;

  /** Pre-engagement data of a chat: the number in the public contract. */
  public static final int PRE_ENGAGEMENT_BYTES = 16 * 1024;

  /** The longest address of a guest's page that agents see, because each row of a list has it: many servers accept hardly longer ones. */
  public static final int PAGE_ADDRESS_CHARACTERS = 2_048;

  /** The shortest idempotency key: as hard to guess as a random UUID, which has 36 with dashes. */
  public static final int MIN_IDEMPOTENCY_KEY_CHARACTERS = 32;
  /** The longest idempotency key: a longer one is not harder to guess. */
  public static final int MAX_IDEMPOTENCY_KEY_CHARACTERS = 64;
  /** How long such a key leads to its chat: a guest who got no answer retries at once. */
  public static final Duration IDEMPOTENCY_KEY_TTL = Duration.ofMinutes(10);

  // ---- Messages and conversations

  /** The longest body of a message: a long letter. Longer content is a file. */
  public static final int MESSAGE_BODY_BYTES = 32 * 1024;
  /** The longest attributes of a message, which a program attaches: as in the public API. */
  public static final int ATTRIBUTES_BYTES = 16 * 1024;
  /** The longest attributes of a participant: all participants are read with every page. */
  public static final int PARTICIPANT_ATTRIBUTES_BYTES = 2 * 1024;
  /** The longest attributes of a conversation: they include the pre-engagement data. */
  public static final int CONVERSATION_ATTRIBUTES_BYTES = PRE_ENGAGEMENT_BYTES + ATTRIBUTES_BYTES;

  /** The longest id that a client gives to a message: a UUID has 36 characters. */
  public static final int CLIENT_ID_CHARACTERS = 64;

  /** Messages of one conversation: weeks of talk. A longer one is a flood. */
  public static final int CONVERSATION_MESSAGES = 5_000;
  /** Authors of one conversation whose names a client gets at the start of its socket: as participants. */
  public static final int SPEAKERS = 100;
  /** Bytes of these messages: 1.6 KB for each. Editing or removing a message frees none. */
  public static final long CONVERSATION_BYTES = 8L << 20;
  /** Participants, also those who left: a large team's agents. Each page reads the whole list. */
  public static final int CONVERSATION_PARTICIPANTS = 100;

  /** How long a participant counts as typing: pages send a sign every few seconds, and one can be lost. */
  public static final Duration TYPING_TTL = Duration.ofSeconds(6);
  /** Conversations in which somebody is typing at the same time: 300 bytes each, 15 MB. */
  public static final int TYPING_CONVERSATIONS = 50_000;
  /**
   * Participants who are typing in one conversation or account at the same time: no screen shows
   * more.
   */
  public static final int TYPING_PARTICIPANTS = 100;

  // ---- Pages of messages, and polls for changes

  /** The most messages that a client can request in one page: several screens. */
  public static final int MAX_PAGE = 100;

  public static final int PAGE_DEFAULT = 50;
  /** JSON of one page: a hundred messages of 1.5 KB, or two of the longest. */
  public static final int PAGE_BYTES = 256 * 1024;
  /** Memory that is reserved for a page: its texts, and its JSON; or the two lists that it is chosen from. */
  public static final int PAGE_MEMORY = 2 * PAGE_BYTES;

  /** JSON of a message without its texts: field names, sids, dates, and the API's address. */
  public static final int MESSAGE_ENVELOPE_BYTES = 1_024;
  /** JSON of a conversation in a list without its texts: three forms, with its guest and session. */
  public static final int OVERVIEW_ENVELOPE_BYTES = 4 * 1_024;
  /** JSON of the answer to a change without the texts that it repeats: a message, and its participant. */
  public static final int RESPONSE_ENVELOPE_BYTES = 2 * MESSAGE_ENVELOPE_BYTES;

  /** How long a poll waits for changes: {@link #IDLE_TIMEOUT} ends calls that are silent longer. */
  public static final Duration FOLLOW_TIMEOUT = Duration.ofSeconds(10);
  /**
   * Messages, or conversations with their last message, that one poll reads: two pages of the
   * widget.
   */
  public static final int FOLLOW_BATCH = 100;
  /** JSON that one poll reads, unless a single message is longer: a stalled client holds it. */
  public static final int FOLLOW_BYTES = 64 * 1024;
  /**
   * Memory that is reserved for a poll: the messages, and the one that is being sent as JSON. Before that, the store
   * chooses the messages from two lists, of new and of changed ones, each as long as above.
   */
  public static final int FOLLOW_MEMORY = 2 * FOLLOW_BYTES;
  /**
   * JSON that a poll reads without reserving memory: 20,000 stalled sockets hold 80 MB. While it reads, it holds two
   * such lists, as above, but no more polls read at once than the store has connections.
   */
  public static final int FOLLOW_UNRESERVED_BYTES = 4 * 1024;
  /**
   * The memory of a process for the last changes of conversations: enough for all sockets, with short messages. One with
   * a message as long as above takes 4 KiB more.
   */
  public static final int RECENT_CHANGES_BYTES = 32 << 20;
  /** Conversations for which the outcome of a change is unknown: as many as are written to in an outage. */
  public static final int CHANGES_IN_DOUBT = 4_096;
  /** Transcripts that a process remembers, with their JSON: 16 MiB, some 500 pages of 50 short messages. */
  public static final int RECENT_TRANSCRIPTS_BYTES = 16 << 20;
  /** How long it remembers one that nobody reads: a guest reads another page of the site by then. */
  public static final Duration RECENT_TRANSCRIPTS_TTL = Duration.ofMinutes(1);
  /** Overviews that a process remembers for the agents who watch an account: some 10,000 with short messages. */
  public static final int RECENT_OVERVIEWS_BYTES = 8 << 20;
  /** How long it remembers one: all agents who watch have received a change by then. */
  public static final Duration RECENT_OVERVIEWS_TTL = Duration.ofSeconds(10);
  /** Overviews that are read at once for the agents who watch: more than there are connections for reads. */
  public static final int OVERVIEWS_READ = 64;
  /** How long an agent's read waits for that of another one: far shorter than its deadline. */
  public static final Duration OVERVIEW_WAIT = Duration.ofMillis(250);

  /** How late a change can appear, by another node's clock: a watcher reads so much again. */
  public static final Duration WATCH_OVERLAP = CLOCK_SKEW;
  /** How long a stopping process waits for threads that follow accounts: the next one reads on. */
  public static final Duration WATCH_DRAIN = Duration.ofSeconds(2);
  /** Delivered revisions that a watcher remembers: more than an account makes in that time. */
  public static final int WATCH_REVISIONS = 2_000;

  /** How long an erasure is remembered: an inbox that comes back after a day removes it, too. */
  public static final Duration ERASURES_REMEMBERED = Duration.ofDays(1);

  // ---- Closing the sockets of ended sessions

  /** The oldest answer about revoked sessions on which a socket may still send: as promised. */
  public static final Duration MAX_REVOCATION_AGE = Duration.ofSeconds(1);
  /** Time between two polls for revoked sessions: sockets must close within a second. */
  public static final Duration REVOCATION_POLL = Duration.ofMillis(400);
  /**
   * Time without an answer after which such a poll also asks another node: half of the time between
   * two polls, so that a node that hangs delays no revocation by a whole poll.
   */
  public static final Duration REVOCATION_POLL_TIMEOUT = Duration.ofMillis(200);
  /** Revocations in one answer; a caller that gets this many polls again for the rest. */
  public static final int REVOCATIONS_LISTED = 500;

  /** Concurrent checks of single sessions: an eighth of {@link #CLIENT_CONNECTIONS}. */
  public static final int REVOCATION_CHECKS = 32;

  /** How long a session's status is cached without being read: longer than a poll takes. */
  public static final Duration REVOCATION_CACHE_TTL = Duration.ofMinutes(5);
  /**
   * Sessions whose status is cached: 100 bytes each, 10 MB. The status of any other is read again.
   */
  public static final int REVOCATION_CACHE_ENTRIES = 100_000;

  /** Time between two polls for superseded tokens of open sockets: short against the next bound. */
  public static final Duration SUPERSEDED_POLL = Duration.ofSeconds(5);
  /** Time for a client to present a newer token before its socket ends: its tab may sleep. */
  public static final Duration SUPERSEDED_TIMEOUT = Duration.ofSeconds(60);
  /**
   * Time between two checks whether a socket that waits for a newer token must end at once: a
   * stolen token's socket ends within a second.
   */
  public static final Duration SUPERSEDED_CHECK = Duration.ofMillis(500);
  /** Generations in one poll: 40 KiB as JSON, well within {@link #INTERNAL_BODY}. */
  public static final int GENERATIONS_PER_POLL = 500;

  // ---- Webhooks

  /** The longest address of a webhook: as much as servers commonly accept. */
  public static final int WEBHOOK_URL_CHARACTERS = 2_048;

  /** The longest call of a webhook, from connecting to its answer: a bot may take its time. */
  public static final Duration WEBHOOK_DEADLINE = Duration.ofSeconds(10);
  /** The longest time to connect to an external server: over the internet, with a lost packet or two. */
  public static final Duration EXTERNAL_CONNECT_TIMEOUT = Duration.ofSeconds(5);
  /** Bytes that are read of an answer, and discarded: only its status counts. */
  public static final int WEBHOOK_RESPONSE_BYTES = 64 * 1024;

  /** Concurrent calls of all webhooks of a process: 32 webhooks can hang, and others go on. */
  public static final int WEBHOOK_CALLS = 256;
  /** Concurrent calls of one webhook, each for another conversation: a small server can do it. */
  public static final int WEBHOOK_CALLS_PER_ADDRESS = 8;
  /** The same while it does not answer: one call is enough to notice that it answers again. */
  public static final int WEBHOOK_CALLS_WHILE_SILENT = 1;

  /** How long one process may deliver a conversation's events: a call, and storing its result. */
  public static final Duration WEBHOOK_LEASE = Duration.ofSeconds(30);

  /**
   * From the first failure of an event to its next attempt: a receiver that restarts is back in
   * seconds. Doubled after each further failure.
   */
  public static final Duration WEBHOOK_BACK_OFF = Duration.ofSeconds(1);
  /** The longest time between two attempts: how soon a receiver that recovered is called. */
  public static final Duration MAX_WEBHOOK_BACK_OFF = Duration.ofMinutes(5);
  /** How long an event is retried: after a day the guest's token has ended. */
  public static final Duration WEBHOOK_GIVE_UP = MAX_TOKEN_TTL;

  /**
   * Time between two polls for due events, if nothing wakes the delivery earlier: half of the first
   * back-off.
   */
  public static final Duration WEBHOOK_POLL = Duration.ofMillis(500);
  /** Time between two polls for changes: a burst of changes is stored by one write. */
  public static final Duration WEBHOOK_CHANGE_POLL = Duration.ofMillis(50);
  /** How long a delivery cursor is kept after a conversation's last event: its session is over. */
  public static final Duration WEBHOOK_CURSOR_RETENTION = MAX_SESSION_TTL.plusDays(15);
  /**
   * Events of one address that were given up and are kept for another delivery: a webhook that is down for
   * some days. A row has some 300 bytes.
   */
  public static final int WEBHOOK_GIVEN_UP = 10_000;
  /** Given-up events of one conversation: a guest whose events a webhook refuses displaces few others. */
  public static final int WEBHOOK_GIVEN_UP_OF_CONVERSATION = 100;
  /** Given-up events of an address that the console shows: they fit a screen. */
  public static final int WEBHOOK_GIVEN_UP_SHOWN = 20;
  /** Given-up events that a command lists: as many as one request sends again. */
  public static final int WEBHOOK_GIVEN_UP_LISTED = SWEEP_BATCH;
  /** Events that one request sends again: about a minute of calls. */
  public static final int WEBHOOK_REDELIVERIES = SWEEP_BATCH;
  /** Calls of a process at once for events that are sent again: one for each address. */
  public static final int WEBHOOK_REDELIVERY_CALLS = 32;
  /** How exact the times of a webhook's last success and last failure are: coarse, to save writes. */
  public static final Duration WEBHOOK_STATUS_STEP = Duration.ofSeconds(5);
  /** Webhooks of an account that the console shows: more than a team operates. */
  public static final int WEBHOOKS_SHOWN = 50;
  /** How far the console counts what waits for a webhook: a person reads more as "many". */
  public static final int WEBHOOK_COUNTED = 1_000;
  /** Tests of webhooks that a process runs at once: one for each account, of some accounts. */
  public static final int WEBHOOK_TESTS = 16;

  /**
   * How long a stopping process waits for running calls of webhooks before it cancels them: a
   * canceled call is repeated by the next process, so that nothing is lost.
   */
  public static final Duration WEBHOOK_DRAIN = Duration.ofSeconds(2);

  // ---- Web Push

  /** The longest endpoint of a subscription: those of push services have up to some 700 characters. */
  public static final int PUSH_ENDPOINT_CHARACTERS = 1_024;
  /** The longest title and text of a notification: browsers show less. */
  public static final int PUSH_TEXT_CHARACTERS = 100;
  /**
   * Bytes of each message before it is encrypted: both texts, of up to three bytes for each character,
   * and their JSON. Push services must take 4,096 bytes (RFC 8030 §7.2).
   */
  public static final int PUSH_MESSAGE_BYTES = 1_280;
  /**
   * From a message to its push: a guest who has the page open reads the message within this time, and
   * one who does not waits this much longer.
   */
  public static final Duration PUSH_DELAY = Duration.ofSeconds(10);
  /** The shortest time between two pushes to one browser: several messages are one notification. */
  public static final Duration PUSH_PAUSE = Duration.ofMinutes(1);
  /** How long a push service keeps a push for a browser that is off: until the next day. */
  public static final Duration PUSH_TTL = Duration.ofDays(1);
  /** The longest call of a push service: they only queue. */
  public static final Duration PUSH_DEADLINE = Duration.ofSeconds(10);
  /** Concurrent calls of all push services of a process: two of them can hang, at half of it each. */
  public static final int PUSH_CALLS = 32;
  /** Concurrent calls of one push service: half, so that one that is slow does not delay others. */
  public static final int PUSH_CALLS_PER_SERVICE = 16;
  /** The same while it does not answer: one call is enough to notice that it answers again. */
  public static final int PUSH_CALLS_WHILE_SILENT = 1;
  /** Concurrent calls of all push services that do not answer: a quarter, so that the others go on. */
  public static final int PUSH_CALLS_OF_SILENT_SERVICES = 8;
  /**
   * Concurrent calls of all hosts of a {@code *.} entry that have not accepted a push yet: an eighth, because
   * a client can name any number of hosts that do not exist.
   */
  public static final int PUSH_CALLS_OF_NEW_HOSTS = 4;
  /**
   * Calls of such a host without an answer before the subscription is deleted. Each counts only if another
   * host of the entry has answered since the call before, so that an outage adds at most one.
   */
  public static final int PUSH_ATTEMPTS_AT_NEW_HOST = 6;
  /** How long one process may work on a push: a call, the calls before it, and storing its result. */
  public static final Duration PUSH_LEASE = Duration.ofSeconds(30);
  /** Time between two polls for due pushes: a tenth of the delay. */
  public static final Duration PUSH_POLL = Duration.ofSeconds(1);
  /** From a failure to the next attempt, doubled after each further one: a restart takes seconds. */
  public static final Duration PUSH_BACK_OFF = Duration.ofSeconds(10);
  /** The longest time between two attempts: how soon a push service that recovered is called. */
  public static final Duration MAX_PUSH_BACK_OFF = Duration.ofMinutes(10);
  /** The longest wait that a push service can ask for: an answer should be known within the hour. */
  public static final Duration MAX_PUSH_RETRY_AFTER = Duration.ofHours(1);
  /** How long a push is retried: the guest has looked for an answer by then. */
  public static final Duration PUSH_GIVE_UP = Duration.ofHours(6);
  /** How long a signed authorization is used: half of its life, because clocks differ. */
  public static final Duration PUSH_AUTHORIZATION_USE = Duration.ofHours(6);
  /** The longest life of a signed authorization: push services refuse others (RFC 8292 §2). */
  public static final Duration PUSH_AUTHORIZATION_MAX = Duration.ofDays(1);
  /** The life of a signed authorization: half of the longest, because clocks differ. */
  public static final Duration PUSH_AUTHORIZATION_TTL = Duration.ofHours(12);
  /** Authorizations in memory, one for each origin: some push services have an origin for each region. */
  public static final int PUSH_AUTHORIZATIONS = 256;
  /** How old the knowledge may be that a session has not ended: each push asks again. */
  public static final Duration PUSH_SESSION_CHECK = Duration.ofDays(1);
  /** Sessions that each process checks in a minute: some 280,000 a day. */
  public static final int PUSH_SESSION_CHECKS = 200;
  /** How long one process may take to check them: if it stops, another one checks them after this. */
  public static final Duration PUSH_CHECK_LEASE = Duration.ofMinutes(10);
  /** Ended sessions whose subscriptions wait to be deleted: of a second in which an account ends all. */
  public static final int PUSH_ENDED_SESSIONS = 10_000;
  /** Rows that one statement about pushes names: it holds few locks, and its text is always the same. */
  public static final int PUSH_STATEMENT = 16;
  /** How long a stopping process waits for running calls: the next process repeats them. */
  public static final Duration PUSH_DRAIN = Duration.ofSeconds(2);

  /** Browsers of an agent that get pushes: those of a desk, a home, a phone, and as many again. */
  public static final int AGENT_PUSH_BROWSERS = 10;
  /** Time between two reads of new messages that ask for pushes to agents: a tenth of the delay. */
  public static final Duration AGENT_PUSH_CHANGE_POLL = Duration.ofSeconds(1);
  /** The age up to which a message asks for pushes to agents: later, they have read the inbox. */
  public static final Duration AGENT_PUSH_AGE = Duration.ofHours(1);
  /**
   * How long it is known that a message has asked for pushes: longer than it can ask, and than a push is
   * retried.
   */
  public static final Duration AGENT_PUSH_RETENTION = Duration.ofDays(1);
  /** Messages that are read at once for a push, to find one that is unread: often the newest is. */
  public static final int AGENT_PUSH_CANDIDATES = 20;
  /**
   * How often so many are read for one push. If all of them were read or closed, the push is sent
   * nevertheless: a guest can close so many chats within seconds.
   */
  public static final int AGENT_PUSH_PAGES = 3;
  /** How long after an inbox was recorded as open it is known to be closed: the next record is late. */
  public static final Duration AGENT_PUSH_OPEN_WAIT = INBOX_OPEN_INTERVAL.plusSeconds(5);

  // ---- Rates: calls a minute, and as many at once

  /** The minute of these rates: the longest time that a person who has to wait will wait. */
  public static final Duration RATE_WINDOW = Duration.ofMinutes(1);

  // Of a client address, counted by the edge.

  /** New chats: an office behind one address on a busy morning. */
  public static final int CREATES_PER_MINUTE = 120;
  /** Refreshes: the same office, if all its pages reload. */
  public static final int REFRESHES_PER_MINUTE = 1_200;
  /** Pages of messages: each of those reloads reads one. */
  public static final int HISTORIES_PER_MINUTE = REFRESHES_PER_MINUTE;
  /** Messages: 120 people of that office who type without a pause. */
  public static final int MESSAGES_PER_MINUTE = 1_200;
  /** Bytes of messages: 7 KB for each. One address can fill a disk with 12 GB a day. */
  public static final long MESSAGE_BYTES_PER_MINUTE = 8L << 20;
  /** Uploads: half of those people send a photo in the same minute. */
  public static final int UPLOADS_PER_MINUTE = 60;
  /** Bytes of uploads: a guest's ten of the longest, with their forms, and two of other people. */
  public static final long UPLOAD_BYTES_PER_MINUTE = 12 * (17L << 20);
  /** The period of the rates that bound what is kept: files are kept for days, or for ever. */
  public static final Duration RATE_DAY = Duration.ofDays(1);
  /** Bytes of uploads a day: 350 photos; an operator has nine days until an account is full. */
  public static final long UPLOAD_BYTES_PER_DAY = 1L << 30;
  /** Uploads a day: each counts as 128 KiB at least. A minute's uploads are a small part of it. */
  public static final int UPLOADS_PER_DAY = 8_192;
  /** Downloads: pages with many previews, opened by that office. */
  public static final int DOWNLOADS_PER_MINUTE = 1_200;
  /** Signs of typing, reading and ending: each of those people types every 3 s, and reads. */
  public static final int SIGNS_PER_MINUTE = 4_800;
  /** WebSockets opened: that office after its network was down. */
  public static final int STREAMS_PER_MINUTE = 2_400;
  /** Calls of the server-side API: a program that works through a queue. */
  public static final int SERVER_CALLS_PER_MINUTE = 6_000;
  /** Attempts to sign in: a team behind one address, with two calls each. At this rate nobody guesses 120 bits. */
  public static final int SIGN_INS_PER_MINUTE = 30;
  /** Calls of the inbox: that team, each of whom opens a few conversations a second. */
  public static final int INBOX_CALLS_PER_MINUTE = 6_000;

  /** Client addresses, times the kinds of their calls, that are counted: 400 bytes each, 80 MB. */
  public static final int CLIENT_BUCKETS = 200_000;
  /** Client addresses whose files of a day are counted: few of them send any; 400 bytes each. */
  public static final int CLIENT_DAY_BUCKETS = 50_000;

  // Of a deployment and of its pages, counted by the orchestrator.

  /** New chats: 25 offices. It is half of what a node can store, so others have the other half. */
  public static final int DEPLOYMENT_CREATES_PER_MINUTE = 3_000;
  /** Refreshes: 30,000 guests who all reload when the site is published anew. */
  public static final int DEPLOYMENT_REFRESHES_PER_MINUTE = 30_000;
  /** Calls of conversations: 2,000 guests who all type, read and write. */
  public static final int DEPLOYMENT_CALLS_PER_MINUTE = 120_000;
  /** WebSockets opened: those 30,000 guests after the reload. */
  public static final int DEPLOYMENT_STREAMS_PER_MINUTE = 30_000;
  /** One page can use one part in this many of a deployment's rates: others keep the rest. */
  public static final int ORIGIN_SHARE = 2;

  /**
   * Deployments, or pages, times the kinds of their calls, that are counted: 500 bytes each, 25 MB.
   */
  public static final int DEPLOYMENT_BUCKETS = 50_000;

  // Of a session, counted after its token was validated.

  /** Refreshes: a browser that restores thirty tabs, several times. */
  public static final int SESSION_REFRESHES_PER_MINUTE = 120;
  /** Calls whose proof was used before: few, so that copies cannot use up the other rates. */
  public static final int SESSION_REPEATS_PER_MINUTE = 20;
  /** Pages of messages: each of those tabs reads one, and a long conversation page by page. */
  public static final int SESSION_HISTORIES_PER_MINUTE = 240;
  /** Messages: two a second, which nobody types; also an outbox that catches up. */
  public static final int SESSION_MESSAGES_PER_MINUTE = 120;
  /** Bytes of messages: 30 of the longest, which people paste rather than type. */
  public static final long SESSION_MESSAGE_BYTES_PER_MINUTE = 1L << 20;
  /** Uploads: the files of two messages. */
  public static final int SESSION_UPLOADS_PER_MINUTE = 20;
  /** Bytes of uploads: the files of a message, if all of them are as long as a file can be. */
  public static final long SESSION_UPLOAD_BYTES_PER_MINUTE = 10 * (16L << 20);
  /** Signs of typing and reading: three for each of those messages. */
  public static final int SESSION_SIGNS_PER_MINUTE = 360;
  /** WebSockets opened, and tokens presented on them: each of those tabs, several times. */
  public static final int SESSION_STREAMS_PER_MINUTE = 240;

  /** Sessions, times the kinds of their calls, that are counted: 400 bytes each, 80 MB. */
  public static final int SESSION_BUCKETS = 200_000;

  // Against guessing; no setting switches this off.

  /** Refusals a minute that show why a token is refused; further ones are "too many requests". */
  public static final int REFUSALS_PER_SESSION = 30;
  /**
   * Refusals of one generation's tokens because of the browser, after which every signal must agree
   * where the session has no key: fewer than the sixteen guesses that find the signals of medium.
   */
  public static final int GUESSES_BEFORE_HIGH = 10;
  /** The number of these refusals that revokes the session: an honest guest has given up before. */
  public static final int GUESSES_BEFORE_REVOCATION = 50;
  /** Sessions whose refusals are counted: 200 bytes each, 20 MB. */
  public static final int REFUSAL_BUCKETS = 100_000;

  // ---- Listeners and their connections

  /** Connections of browsers: idle ones take 10 KiB of memory each, together 200 MB. */
  public static final int PUBLIC_CONNECTIONS = 20_000;
  /** Connections of one client address: a tenth, which is 600 guests with three each. */
  public static final int CONNECTIONS_PER_ADDRESS = PUBLIC_CONNECTIONS / 10;
  /**
   * Connections of other processes: 256 of each of 16 clients, and at an orchestrator one for each
   * socket.
   */
  public static final int INTERNAL_CONNECTIONS = 4_096 + PUBLIC_CONNECTIONS;
  /** Connections that the kernel holds until they are accepted: reloads after a deployment. */
  public static final int ACCEPT_QUEUE = 1_024;

  /** How long a connection may be silent: shorter than the 60 s of common load balancers. */
  public static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);

  /** The longest header of a browser's call: twice 8 KiB, the most with a page's cookies. */
  public static final int PUBLIC_HEADER_BYTES = 16 * 1024;
  /** The longest header of an internal call: what the edge accepted, and our own: never a 431. */
  public static final int INTERNAL_HEADER_BYTES = PUBLIC_HEADER_BYTES * 5 / 4 + 4 * 1024;
  /** The longest header of an answer: Jetty answers 500 when a trace header makes it overflow. */
  public static final int RESPONSE_HEADER_BYTES = 16 * 1024;

  /** From the first byte of a header to its last: three packets lost in a row still arrive. */
  public static final Duration HEADER_DEADLINE = Duration.ofSeconds(10);
  /** Memory for all headers that still arrive, beyond the unreserved part of each: 2,700 of 12 KiB. */
  public static final int HEADER_MEMORY = 32 << 20;
  /** One client address can use one part in this many of it: 340 headers that do not end. */
  public static final int HEADER_MEMORY_SHARE = 8;
  /** The first bytes of each header, which need no reservation: browsers send half of it. */
  public static final int HEADER_UNRESERVED_BYTES = 4 * 1024;

  /** Idle threads that a listener keeps for its next calls: only large machines would use more. */
  public static final int REUSABLE_THREADS = 128;
  /**
   * Reads from one connection without waiting, and requests that arrive in them, after which its
   * thread pauses briefly, so that others get their turn: nothing interrupts a virtual thread that
   * does not wait, and only as many run as there are cores. 16 reads are 128 KiB.
   */
  public static final int READS_WITHOUT_PAUSE = 16;
  /** Platform threads of a listener that enforce its deadlines: two, in case one is busy. */
  public static final int DEADLINE_THREADS = 2;

  /** X-Forwarded-For entries that are read, from the last: no chain of proxies is longer. */
  public static final int FORWARDED_HOPS = 16;
  /** How long a browser may cache the answer to a preflight: the most that Chromium allows. */
  public static final Duration PREFLIGHT_AGE = Duration.ofHours(2);
  /** Header names that one preflight can request: pages wrap fetch and add a few of their own. */
  public static final int PREFLIGHT_HEADERS = 64;
  /** The longest header name that a preflight allows: the longest registered ones have 40. */
  public static final int PREFLIGHT_HEADER_CHARACTERS = 128;

  // ---- Bodies of requests

  /**
   * The body of a new chat: pre-engagement data with every byte escaped in JSON, a first message
   * with every character escaped, and some more, so that the answer to a body that is a little too
   * long can say which of the two is too long.
   */
  public static final int WEBCHAT_BODY = 224 * 1024;
  /** The body of a message: its text and attributes with every byte escaped, and some more. */
  public static final int MESSAGE_CALL_BODY = 320 * 1024;
  /**
   * The body of a call without long texts: the longest of guests is a refresh, with a deployment key, a token, and
   * fields that an old client adds.
   */
  public static final int SMALL_BODY = 16 * 1024;
  /** The body of a call between processes: a new chat, or a message as we write JSON. */
  public static final int INTERNAL_BODY = 256 * 1024;

  /** From the first byte of a body to its last: the largest over a bad mobile link. */
  public static final Duration BODY_DEADLINE = Duration.ofSeconds(10);
  /** Bytes that a long body must bring within each {@link #BODY_STEP_DEADLINE}: three packets. */
  public static final int BODY_STEP = 4 * 1024;
  /** Time for each step: two packets lost in a row, on a link of more than 1 KiB a second. */
  public static final Duration BODY_STEP_DEADLINE = Duration.ofSeconds(4);

  /** Bytes of a file that must arrive within each such step: a quarter of a slow mobile link. */
  public static final int UPLOAD_STEP = 64 * 1024;
  /** From the first byte of a file to its last: {@link #MEDIA_FILE_BYTES} at that rate. */
  public static final Duration UPLOAD_DEADLINE = Duration.ofMinutes(18);

  /** The longest refused upload that is read, so that its client sees the answer: two files. */
  public static final long REFUSED_BODY = 32L << 20;
  /**
   * Refused uploads that are read at the same time: the browser then sees the answer and not a
   * reset. More are refused without being read.
   */
  public static final int REFUSED_BODIES = 64;
  /** Time for such an upload: a file on a fast mobile link. */
  public static final Duration REFUSED_BODY_DEADLINE = Duration.ofSeconds(30);

  /** Bytes of a form around its file: boundaries, and the headers of a few parts. */
  public static final int UPLOAD_ENVELOPE = 16 * 1024;
  /** Parts of a form with a file: the file, and a few fields that are ignored. */
  public static final int UPLOAD_PARTS = 10;

  /** Memory for long bodies that are still arriving: 256 of the largest, not 5 GB of slow ones. */
  public static final int BODY_MEMORY = 64 << 20;
  /** One client address can use one part in this many of it, so that seven others find memory. */
  public static final int BODY_MEMORY_SHARE = 8;
  /** The first bytes of each body, which need no reservation: most bodies are not longer. */
  public static final int BODY_UNRESERVED_BYTES = 16 * 1024;
  /** Bytes that are reserved at once for a longer body: fewer reservations, and little is unused. */
  public static final int BODY_RESERVATION = 32 * 1024;
  /** Longer bodies that the edge forwards at once: half of its connections to a service. */
  public static final int FORWARDED_LONG_BODIES = 128;
  /** Time after which a handshake that no node accepts is sent again: a restart takes longer. */
  public static final Duration FORWARD_PAUSE = Duration.ofMillis(500);
  /** Such handshakes that wait at once: each needs an open connection, and has little memory. */
  public static final int FORWARDED_WAITING = 1_024;
  /** One client address can have one part in this many of them: 64 tabs of one office. */
  public static final int FORWARDED_WAITING_SHARE = 16;
  /** Files that the edge forwards at once in each direction: an eighth of these connections. */
  public static final int FORWARDED_FILES = 32;
  /** One client address can have one part in this many of them: the previews of one page. */
  public static final int FORWARDED_FILES_SHARE = 4;

  /** Bytes of a refused body that are read and discarded, so that its sender sees the answer. */
  public static final int DISCARDED_BYTES = 1024 * 1024;
  /** How long they are awaited: the part that was on its way when the call was refused. */
  public static final Duration DISCARD_TIMEOUT = Duration.ofMillis(500);

  /** Nesting of JSON: our messages have 4 levels, a caller's unknown fields may have more. */
  public static final int JSON_DEPTH = 32;
  /** The longest number in JSON: converting a longer one takes too long. */
  public static final int JSON_NUMBER_CHARACTERS = 1_000;
  /** Fields of a form: ours has five, an old client adds a dozen. */
  public static final int FORM_FIELDS = 100;

  // ---- Answers, and clients that read them slowly

  /** Memory for answers that are being made or read: 128 pages, not 5 GB for slow readers. */
  public static final int RESPONSE_MEMORY = 32 << 20;
  /** One client address can use one part in this many of it, so that seven others find memory. */
  public static final int RESPONSE_MEMORY_SHARE = 8;
  /** An answer up to this size needs no reservation: all except pages of messages. */
  public static final int RESPONSE_UNRESERVED_BYTES = 4 * 1024;
  /**
   * How long a call waits for this memory, while other calls of its address read the store: as long
   * as such a read may take.
   */
  public static final Duration RESPONSE_MEMORY_TIMEOUT = Duration.ofMillis(1_500);

  /** The time that a client has to read any answer: a mobile network can be lost for so long. */
  public static final Duration READER_DEADLINE = Duration.ofSeconds(20);
  /** Bytes of an answer that extend that time by a second: half the rate of a slow mobile link. */
  public static final int READER_BYTES_PER_SECOND = 64 * 1024;

  // ---- WebSockets

  /** The longest text from a client: a token and the signals beside it are half of it. */
  public static final int SOCKET_FRAME = 16 * 1024;
  /** Parts of one text: the longest, in packets of 536 bytes, has 31. */
  public static final int SOCKET_TEXT_PARTS = 128;
  /** Texts a minute of one socket: a pong every 25 s and a token every hour; ten times that. */
  public static final int SOCKET_TEXTS_PER_MINUTE = 30;
  /** Frames without content a minute, and at once: some proxies ping every second. */
  public static final int SOCKET_EMPTY_FRAMES_PER_MINUTE = 60;

  /** Sockets of one session, or of one agent's browser: as many tabs as a person has open. */
  public static final int SOCKETS_PER_SESSION = 32;

  /** From the handshake to the client's first text: a browser sends it at once. */
  public static final Duration SOCKET_HELLO = Duration.ofSeconds(10);
  /** The time to send one text: the longest message over a bad mobile link. */
  public static final Duration SOCKET_SEND = Duration.ofSeconds(10);
  /** Time between two pings that we send: below the 30 s and 60 s of common proxies. */
  public static final Duration SOCKET_PING = Duration.ofSeconds(25);
  /** The longest time between two texts of a client, which answers our pings: three of them. */
  public static final Duration SOCKET_SILENCE = Duration.ofSeconds(75);
  /** The longest time without a byte in either direction: if both ends are gone. */
  public static final Duration SOCKET_IDLE = Duration.ofSeconds(90);
  /**
   * How much later a socket is ended from outside than it should have ended itself: by the edge,
   * if the service behind it did not give the reason, and by a thread for deadlines, if the
   * socket's own thread did not run.
   */
  public static final Duration SOCKET_OVERDUE = Duration.ofSeconds(2);
  /** From our close to the end of the connection, so that the client reads the reason. */
  public static final Duration SOCKET_CLOSE = Duration.ofSeconds(2);

  // ---- Sockets of the published client

  /** The header of a frame: a token, or a path with its query, and the headers of a request. */
  public static final int REALTIME_HEADER = 64 * 1024;
  /** Characters of a frame's id, and of a Sync object's: both have 34. */
  public static final int REALTIME_FRAME_ID = 64;
  /** Characters of a path in a frame: the longest has four sids, and can be percent-encoded. */
  public static final int REALTIME_PATH = 2_048;

  /** Requests of one socket that are answered at once: more would only wait for each other. */
  public static final int REALTIME_REQUESTS = 4;
  /** Requests that wait for their turn: a client sends about 20 in its first second. */
  public static final int REALTIME_REQUESTS_WAITING = 64;
  /**
   * Bytes of the requests that wait, and of those that are answered, unless a single one is longer:
   * 64 ordinary ones. So a socket holds 2.5 MiB of frames at most, and only while its calls wait for
   * an outage or a rate limit to end.
   */
  public static final int REALTIME_WAITING_BYTES = 256 * 1024;
  /** Memory for requests of all realtime sockets that wait or are answered: an eighth of a heap. */
  public static final int REALTIME_REQUEST_MEMORY = 32 << 20;
  /** One client address can use one part in this many of it: more than one of its sockets can. */
  public static final int REALTIME_REQUEST_MEMORY_SHARE = 8;
  /** Bytes of a socket's requests that need no reservation: those that an idle page makes. */
  public static final int REALTIME_UNRESERVED_BYTES = 4 * 1024;
  /**
   * Frames of one client address: 600 pages in one office that all connect again, with 20 frames
   * each, and as many for their chats. A frame too many waits. A burst of them takes 3 s of one
   * processor, and all that follow take a twentieth.
   */
  public static final int REALTIME_FRAMES_PER_MINUTE = 24_000;
  /** Bytes of these frames: three times the messages of that office, or 1 KB for each frame. */
  public static final long REALTIME_FRAME_BYTES_PER_MINUTE = 3 * MESSAGE_BYTES_PER_MINUTE;
  /** How long a page waits for memory: longer than over HTTP, because the client asks only once. */
  public static final Duration REALTIME_PAGE_MEMORY_TIMEOUT = Duration.ofSeconds(2);
  /** How long a request is repeated in an outage or at a rate limit: the client waits 30 s. */
  public static final Duration REALTIME_PATIENCE = Duration.ofSeconds(20);
  /** The same of a page of messages: the client asks again after 4 s, and for 90 s. */
  public static final Duration REALTIME_PAGE_PATIENCE = Duration.ofSeconds(4);
  /** How long a count of unread messages waits for the one before it: one takes milliseconds. */
  public static final Duration REALTIME_COUNT_TURN = Duration.ofMillis(250);
  /** How long a request waits for the token that the client presents: milliseconds validate it. */
  public static final Duration REALTIME_NEW_TOKEN = Duration.ofMillis(250);
  /** How long the answer to a send waits for the event of its message: over Redis, milliseconds. */
  public static final Duration REALTIME_OWN_EVENT = Duration.ofSeconds(2);
  /** How long the requests of a socket are answered when a process stops: the slowest but an outage's. */
  public static final Duration REALTIME_FINISH = Duration.ofSeconds(5);
  /** How long a client may then take to acknowledge that it has received all: a slow mobile link. */
  public static final Duration REALTIME_ARRIVAL = Duration.ofSeconds(1);
  /**
   * From one attempt to the next during an outage: two a second of each socket, with which a store
   * that is back can cope.
   */
  public static final Duration REALTIME_RETRY = Duration.ofMillis(500);

  /** Frames that a client has not acknowledged: it acknowledges each as soon as it arrives. */
  public static final int REALTIME_UNACKNOWLEDGED = 256;
  /** Bytes of these frames, unless a single one is longer: as the socket's buffers hold. */
  public static final int REALTIME_UNACKNOWLEDGED_BYTES = 512 * 1024;

  /** An acknowledgement that is not counted as a frame: the packages' have 150 bytes. */
  public static final int REALTIME_ACKNOWLEDGEMENT = 512;

  /** Sync objects in one request: three, and the users of a large team. */
  public static final int REALTIME_SUBSCRIPTIONS = 100;
  /** When a client asks again for a subscription that was not established: an outage can be over. */
  public static final Duration REALTIME_ESTABLISHING = Duration.ofSeconds(10);
  /** When a client asks again for an established subscription: as seldom as possible. */
  public static final Duration REALTIME_SUBSCRIPTION_TTL = Duration.ofDays(1);
  /** How long a page of messages waits for a reconnected client's subscription: one or two round trips. */
  public static final Duration REALTIME_SUBSCRIPTION = Duration.ofSeconds(3);
  /** From an acknowledgement to its handling: twice what an eighth of a processor takes. */
  public static final Duration REALTIME_HANDLING = Duration.ofSeconds(1);
  /**
   * One part in this many of a token's time before its end, a client is asked to refresh it: with
   * the shortest token 12 s, which a refresh over a bad network needs.
   */
  public static final int REALTIME_REFRESH_PART = 5;
  /** The longest such time: a refresh takes seconds. */
  public static final Duration REALTIME_REFRESH_AHEAD = Duration.ofMinutes(3);

  /** The longest binary message: the longest text with every byte escaped, four times over. */
  public static final int REALTIME_FRAME = 1 << 20;
  /** Parts of one binary message: the longest, in packets of 536 bytes, has 1957. */
  public static final int REALTIME_FRAME_PARTS = 4_096;

  // ---- Deadlines: each caller waits longer than everything that it waits for

  /**
   * The longest wait of a caller for a read from a store, or for a durable change: a guest notices
   * two seconds.
   */
  public static final Duration STORE_TIMEOUT = Duration.ofMillis(1_500);
  /** Of a call to ScopedAuth, which waits for its store: 1.5 s, and half a second for the way. */
  public static final Duration SCOPED_AUTH_DEADLINE = Duration.ofSeconds(2);
  /**
   * Of a call to Conversations, which calls ScopedAuth and then waits for its store: 2 s, then 1.5
   * s, and a second for the way.
   */
  public static final Duration CONVERSATIONS_DEADLINE = Duration.ofMillis(4_500);
  /**
   * Of a call to FederatedAuth, which calls ScopedAuth: 2 s for that, a second for each of two nodes that are gone,
   * and half a second for the way.
   */
  public static final Duration FEDERATED_AUTH_DEADLINE = Duration.ofMillis(4_500);
  /** Of a whole call at the edge. {@link #IDLE_TIMEOUT} is longer, because it answers nothing. */
  public static final Duration FORWARD_DEADLINE = Duration.ofSeconds(20);
  /** The same of a call with a file: the file at its lowest rate, and the checks after it. */
  public static final Duration FORWARD_FILE_DEADLINE = Duration.ofMinutes(20);

  /** To connect to another process: an address that does not answer is known before a deadline. */
  public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

  /**
   * Retry-After of our own answers, when nobody knows how long an outage lasts: a process that
   * restarts is back by then.
   */
  public static final Duration RETRY_AFTER = Duration.ofSeconds(2);
  /**
   * The longest Retry-After of another process or of a webhook that Parlour obeys: a wrong header
   * must not stop calls for days.
   */
  public static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

  // ---- Calls to other processes

  /** The shortest internal secret: a process on the network can guess as often as we answer. */
  public static final int INTERNAL_SECRET_CHARACTERS = 16;

  /** Concurrent calls to one process; each has a connection of its own (HTTP/1.1). */
  public static final int CLIENT_CONNECTIONS = 256;
  /**
   * Concurrent reads of changes by one process: a quarter of these connections, so that many sockets
   * that read at once leave the rest to the calls of guests.
   */
  public static final int FOLLOW_READS = CLIENT_CONNECTIONS / 4;
  /** Calls that wait for a connection: while the process hangs, they end at their deadlines. */
  public static final int CLIENT_QUEUE = 1_024;
  /** How long a client keeps an idle connection: less than the server, so that it closes first. */
  public static final Duration CLIENT_IDLE = Duration.ofSeconds(15);
  /** How long a client remembers an address that it no longer calls: above every idle timeout. */
  public static final Duration CLIENT_ADDRESS_EXPIRY = Duration.ofMinutes(5);

  /** Time between two health checks of a node, and for one: a stopping node still serves calls. */
  public static final Duration NODE_HEALTH_CHECK = Duration.ofSeconds(1);
  /** How long a node that refused a connection is tried last: two health checks. */
  public static final Duration NODE_BACK_OFF = Duration.ofSeconds(2);
  /** Nodes tried for one call: two that are gone, a {@link #CONNECT_TIMEOUT} each, and another. */
  public static final int NODE_ATTEMPTS = 3;
  /** Bytes of a body that are kept to send them to another node: nearly every body fits. */
  public static final int REPEATED_BODY = 16 * 1024;

  /** The longest answer about tokens: 4 KiB, or hundreds of sessions. */
  public static final int AUTH_RESPONSE_BYTES = 256 * 1024;
  /** The longest answer of Conversations: a page, with a cursor or with all participants. */
  public static final int CONVERSATIONS_RESPONSE_BYTES = 1 << 20;

  // ---- Wake-ups for followers in other processes

  /** Connections for a node's stream of wake-ups: one call waits, and another one can repeat it. */
  public static final int WAKE_UP_CONNECTIONS = 2;
  /**
   * The longest a stream is silent: one call a second for each pair of processes. A node that hangs is
   * noticed after {@link #CONVERSATIONS_DEADLINE}.
   */
  public static final Duration WAKE_UP_HEARTBEAT = Duration.ofSeconds(1);
  /** How long a node keeps the stream of a process that does not call: two of its deadlines. */
  public static final Duration WAKE_UP_SILENCE = Durations.times(CONVERSATIONS_DEADLINE, 2);
  /** Processes that follow conversations of one node: twice those that ten million guests need. */
  public static final int WAKE_UP_STREAMS = 1_024;
  /**
   * Followers on one stream, and wake-ups that wait for a process that is slow: twice the sockets of a
   * process, because one that has closed is forgotten later. 500 bytes each, 20 MB.
   */
  public static final int WAKE_UP_FOLLOWERS = 2 * PUBLIC_CONNECTIONS;
  /** Wake-ups in one answer: 20 KB of JSON, and work for all {@link #FOLLOW_READS}. */
  public static final int WAKE_UPS_AT_ONCE = 1_000;
  /** Time between two checks for changes without an event: half of the shortest interval of such reads. */
  public static final Duration WAKE_UP_CHECK = Duration.ofMillis(500);
  /** Conversations in one such read: 20,000 of them in 200 reads. */
  public static final int WAKE_UP_CHECKS = 100;
  /**
   * How long a follower waits before it reads without a wake-up: Conversations checks a session only
   * while it is read.
   */
  public static final Duration WAKE_UP_REREAD = Duration.ofSeconds(45);
  /** How long a node remembers a follower: longer than it waits before it reads again. */
  public static final Duration WAKE_UP_LIFETIME = Duration.ofMinutes(1);

  // ---- Events between nodes, and Redis

  /** Time between two polls of the log while there are no events: a read by primary key. */
  public static final Duration POLL_WITHOUT_EVENTS = Duration.ofSeconds(1);

  /**
   * Time between two checks for waits that last too long: a tenth of the shortest that are common. To check those of
   * 20,000 sockets takes one or two hundredths of this.
   */
  public static final Duration WAIT_CHECK = Duration.ofMillis(100);
  /** The longest a waiter sleeps before it polls without an event: events are rarely lost. */
  public static final Duration POLL_WITH_EVENTS = Duration.ofSeconds(5);

  /** The longest wait of a call for Redis: ten times what it takes on a busy network. */
  public static final Duration REDIS_TIMEOUT = Duration.ofMillis(50);
  /**
   * How long no call waits for Redis after one that waited in vain: at most one call in three
   * seconds is slow while Redis hangs.
   */
  public static final Duration REDIS_BYPASS = Duration.ofSeconds(3);
  /** Time without an answer after which a connection is closed: servers pause for less. */
  public static final Duration REDIS_READ_TIMEOUT = Duration.ofMillis(500);

  /**
   * Time between two heartbeats that a node sends to itself through Redis: a connection that hangs
   * is noticed within seconds.
   */
  public static final Duration REDIS_HEARTBEAT = Duration.ofSeconds(1);
  /** Time without a heartbeat after which a node no longer relies on events: three are missing. */
  public static final Duration REDIS_SILENCE = Duration.ofSeconds(3);

  /** The first pause before a new connection: a restart takes about as long. */
  public static final Duration REDIS_RETRY_PAUSE = Duration.ofMillis(200);
  /** The longest pause, which is reached by doubling: all nodes recover within seconds. */
  public static final Duration MAX_REDIS_RETRY_PAUSE = Duration.ofSeconds(5);

  /**
   * Conversations and accounts that a node follows through Redis; 200 bytes each. Three times the
   * clients that can follow one, because a channel stays subscribed after its last use. The clients of
   * further ones poll each second.
   */
  public static final int REDIS_FOLLOWED = 65_536;
  /** How long a channel stays subscribed after its last use: the next poll comes sooner. */
  public static final Duration REDIS_LINGER = Duration.ofMinutes(1);

  /** Commands that wait to be sent: what Redis does in a tenth of a second. */
  public static final int REDIS_QUEUE = 8_192;
  /** Commands sent at once: 12 KiB, which fits a socket's buffer, so that no write blocks. */
  public static final int REDIS_BATCH = 64;

  /**
   * A short call waits for Redis's answer only beyond one part in this many of a bucket: a guest
   * uses less of it, and four nodes that do not know of each other admit no more than one bucket.
   */
  public static final int REDIS_ORDINARY_PART = 4;
  /**
   * A node reports its use of a bucket to Redis when it is more than one part in this many: most
   * guests use less, so they cost Redis nothing, and eight nodes hide a quarter of a bucket.
   */
  public static final int REDIS_UNREPORTED_PART = 32;
  /** Buckets whose use a node remembers for this: 250 bytes each, 25 MB. */
  public static final int REDIS_USES = 100_000;

  /** The longest text from Redis that is read: twice an event, which has 128 bytes at most. */
  public static final int REDIS_TEXT_BYTES = 256;
  /** Elements of one reply: the longest is the greeting of a server with some dozen modules. */
  public static final int REDIS_REPLY_ELEMENTS = 1_024;
  /** Nesting of one reply: twice the four levels of that greeting. */
  public static final int REDIS_REPLY_DEPTH = 8;

  /**
   * Time between two log lines about an event that strangers, or each call, can repeat: at most
   * 1,440 lines a day.
   */
  public static final Duration REDIS_LOG_INTERVAL = Duration.ofMinutes(1);

  // ---- Stores

  /** Changes that wait for a store: what a fast disk does in 0.1 s. Further ones are refused. */
  public static final int STORE_QUEUE = 1_024;
  /** Changes in one commit: they share a flush, and each alone would still end in time. */
  public static final int STORE_GROUP = 256;
  /** Concurrent reads of a store: each blocks a carrier thread, and has a page cache. */
  public static final int STORE_READERS = 4;
  /** Prepared statements of a connection: more than any role uses. */
  public static final int STORE_STATEMENTS = 64;
  /** Checked statements whose text is remembered: several times those of all roles. */
  public static final int STORE_STATEMENTS_KNOWN = 1_024;
  /** Rows that a statement adds to SQLite, a power of two: a transaction of the search takes a few of them. */
  public static final int STORE_ROWS_ADDED = 32;
  /** The longest wait for another process's lock: the caller waits longer, and gets the reason. */
  public static final Duration STORE_LOCK_TIMEOUT = Duration.ofSeconds(1);
  /**
   * How long a backup holds the lock of a file at most while it waits for that of the next: changes
   * of the first file wait for it.
   */
  public static final Duration STORE_BACKUP_LOCK = Duration.ofMillis(100);
  /** How long it tries to lock all files: several times as long as a long transaction. */
  public static final Duration STORE_BACKUP_LOCKS = Duration.ofSeconds(30);
  /**
   * Time between two checks for callers that have waited for {@link #STORE_TIMEOUT}: the wait is
   * exact to a tenth of a second.
   */
  public static final Duration STORE_TIMEOUT_CHECK = Duration.ofMillis(100);

  /** Time between two writes that check whether a store accepts writes: each flushes once. */
  public static final Duration STORE_HEARTBEAT = Duration.ofSeconds(2);
  /** A store whose last use is that much older than another's was restored: a process uses all of them. */
  public static final Duration STORE_ALIVE_SPREAD = Duration.ofHours(1);
  /** How long a starting process waits for another one that migrates: migrations copy tables. */
  public static final Duration STORE_MIGRATION_TIMEOUT = Duration.ofMinutes(1);

  /**
   * How soon erased data is removed from the disk, if no reader prevents it: the erasures of a
   * second share one pass.
   */
  public static final Duration STORE_SCRUB_DELAY = Duration.ofSeconds(1);
  /**
   * How long this delays changes while it waits for readers: a caller notices no tenth of a second.
   * Then it is retried later.
   */
  public static final Duration STORE_SCRUB_TIMEOUT = Duration.ofMillis(100);
  /** Free pages of 4 KiB that are given back to the disk at once: some hundredths of a second. */
  public static final int STORE_SCRUB_PAGES = 1_000;
  /**
   * Pages of 4 KiB in the log until they move to the database. The changes of many calls write the same pages
   * again, which move once: with SQLite's default of 1,000, the writer takes a tenth to a sixth more CPU for a message.
   */
  public static final int STORE_LOG_PAGES = 4_000;
  /** Bytes that the log keeps after a burst: twice its ordinary size. */
  public static final long STORE_LOG_BYTES = 32L << 20;

  /** Rows that a copy to another database compares or writes at once: about half a megabyte. */
  public static final int COPY_BATCH = 500;

  // Only in PostgreSQL.

  /** Changes in one commit: each statement is a round trip during which locks are held. */
  public static final int POSTGRES_GROUP = 64;
  /** Connections of a role that read, and as many that change: all roles use 30 of 100. */
  public static final int STORE_CONNECTIONS = 4;
  /** The largest setting: more connections would only wait in the server. */
  public static final int MAX_STORE_CONNECTIONS = 64;
  /**
   * Further connections, for changes that are repeated alone after their group failed: one that
   * waits for a lock leaves the other free.
   */
  public static final int STORE_SINGLE_CONNECTIONS = 2;
  /**
   * The longest wait of a group for a lock: another session's lock on one row delays the others
   * only so long. Then the changes of the group are made one by one.
   */
  public static final Duration POSTGRES_GROUP_LOCK_TIMEOUT = Duration.ofMillis(250);
  /** Attempts of one read or change: a deadlock, a lost connection, and one that succeeds. */
  public static final int POSTGRES_ATTEMPTS = 3;
  /** How long a connection is used: what piles up in the server's process ends with it. */
  public static final Duration POSTGRES_CONNECTION_AGE = Duration.ofMinutes(30);
  /** The longest idle time in a transaction: a node that hangs loses its locks then. */
  public static final Duration POSTGRES_IDLE_TRANSACTION = Duration.ofSeconds(3);
  /** Checks at a start whether a pooler lends connections for single transactions: one can be lucky. */
  public static final int POSTGRES_POOLER_CHECKS = 5;

  // ---- The disk, and how long data is kept

  /** No new chat begins while less of the disk is free than this part: logs and backups need some ... */
  public static final int DISK_RESERVE_PART = 20;
  /** ... but this is enough on a large disk: one address adds up to 12 GB a day. */
  public static final long MAX_DISK_RESERVE = 4L << 30;
  /** ... and this is needed on a small one: the logs, and a copy for a backup. */
  public static final long MIN_DISK_RESERVE = 256L << 20;
  /** Time between two reads of the free space: one address fills less than the smallest reserve. */
  public static final Duration DISK_CHECK = Duration.ofSeconds(10);

  /** The shortest retention: a guest may come back to a conversation on the same day. */
  public static final Duration MIN_RETENTION = Duration.ofDays(1);
  /** The longest retention, ten years: without the setting, conversations are kept for ever. */
  public static final Duration MAX_RETENTION = Duration.ofDays(3_650);
  /**
   * Time between two polls for conversations whose retention is over: retention is counted in days.
   */
  public static final Duration RETENTION_INTERVAL = Duration.ofMinutes(10);
  /** Conversations that one call erases, each in its own transaction: all within the call's deadline. */
  public static final int RETENTION_BATCH = 20;
  /** Such calls for a deployment after one poll: 2,000 conversations, 288,000 a day. */
  public static final int RETENTION_BATCHES = 100;

  // ---- Start, readiness and stop

  /** How old an answer about readiness may be, so that frequent callers cost no further reads. */
  public static final Duration READINESS_AGE = Duration.ofMillis(250);
  /** A balancer counts as watching if it asked within this time: common ones ask every 10 s. */
  public static final Duration READINESS_WATCH = Duration.ofSeconds(30);
  /**
   * How long a stopping process serves calls while it reports "not ready" to balancers: HAProxy, as
   * in deploy, notices after two seconds.
   */
  public static final Duration DRAIN_NOTICE = Duration.ofSeconds(5);
  /** How long a stopping process keeps a silent connection: a proxy that connected calls sooner. */
  public static final Duration DRAIN_IDLE = Duration.ofSeconds(1);
  /**
   * How often a stopping process polls whether such connections are left: the stop ends so soon
   * after the last of them.
   */
  public static final Duration DRAIN_POLL = Duration.ofMillis(20);
  /** How long a stopping process waits for running calls: the slowest takes less. */
  public static final Duration DRAIN = Duration.ofSeconds(35);
  /**
   * How much longer than for running calls a stop waits for a listener: Jetty needs some time to end
   * its threads, and in rare cases deadlocks and never ends them.
   */
  public static final Duration LISTENER_STOP = Duration.ofSeconds(5);

  // ---- TLS

  /** How soon a replaced certificate is used: it is renewed days before its end. */
  public static final Duration CERTIFICATE_POLL = Duration.ofSeconds(30);
  /** How long before a certificate's end the log warns: it should be renewed by then. */
  public static final Duration CERTIFICATE_WARNING = Duration.ofDays(14);
  /** How long a browser remembers to use https only (RFC 6797): a year, as most sites. */
  public static final Duration HSTS_MAX_AGE = Duration.ofDays(365);

  // ---- Metrics, and their plots

  /** How old the numbers at {@code /metrics} can be: reading them costs CPU and needs no secret. */
  public static final Duration METRICS_AGE = Duration.ofSeconds(1);
  /** Deployments with numbers of their own at {@code /metrics}: with 20 causes, 2,000 time series. */
  public static final int METRICS_DEPLOYMENTS = 100;
  /** How long a scrape waits for a store: Prometheus waits 10 s, and a store that works answers in ms. */
  public static final Duration METRICS_PATIENCE = Duration.ofSeconds(1);
  /** How often a process checks whether a minute is over: the console shows it a second later. */
  public static final Duration SAMPLE_CHECK = Duration.ofSeconds(1);
  /** A step of a plot of an hour: so that a short outage is seen. */
  public static final Duration SAMPLE_STEP_OF_HOUR = Duration.ofMinutes(1);
  /** A step of a plot of a day: 144 of them, about as many as a screen can show. */
  public static final Duration SAMPLE_STEP_OF_DAY = Duration.ofMinutes(10);
  /** A step of a plot of a week: 168 of them. */
  public static final Duration SAMPLE_STEP_OF_WEEK = Duration.ofHours(1);
  /** Time between two runs that combine and delete samples: a step appears a minute after its end. */
  public static final Duration SAMPLE_COMBINE = Duration.ofMinutes(1);
  /** Samples that wait for the store, as many minutes: a restart of a database takes less. */
  public static final int SAMPLES_WAITING = 10;
  /** Numbers of a sample; the program has about 70. With 2 KiB, a typical sample has half of them. */
  public static final int SAMPLE_NUMBERS = 100;
  /** Length of a number's name: the longest cause of a refusal has 55. */
  public static final int SAMPLE_NAME_CHARACTERS = 100;
  /** The greatest number of a sample: the sum of all processes over a step of a week is a long. */
  public static final long MAX_SAMPLE_NUMBER = 1_000_000_000_000_000L;
  /** Processes that write samples: all of a large installation. Their rows of 80 minutes have 20 MB. */
  public static final int SAMPLE_PROCESSES = 100;
  /** Causes that a plot shows as single lines, the most frequent ones: more are hard to distinguish. */
  public static final int PLOTTED_CAUSES = 7;

  // ---- Logs, the ledger and traces

  /** Time between two log lines about calls of a wrong origin: the cause is a proxy's settings. */
  public static final Duration ORIGIN_REFUSAL_LOG_INTERVAL = Duration.ofMinutes(1);

  /** Lines a minute for each kind of security event: they show an attack; at most 10 MB a day. */
  public static final int SECURITY_LINES = 30;
  /** Events of one kind and cause that a process notes in the ledger: more than honest guests cause. */
  public static final int LEDGER_NOTES_PER_MINUTE = 2_000;
  /** The same in a day: half of what strangers cause, so that one flood leaves room for others. */
  public static final int LEDGER_NOTES_PER_DAY = 20_000;
  /** Events of all causes of strangers in a day of a process: in 30 days, 1.2 million. */
  public static final int LEDGER_STRANGERS_PER_DAY = 40_000;
  /** One deployment can use a quarter of both daily numbers: it cannot hide the others' refusals. */
  public static final int LEDGER_DEPLOYMENT_PART = 4;
  /** A network can use a tenth: many times what an honest one causes. */
  public static final int LEDGER_NETWORK_PART = 10;
  /** First events of a session or an actor that a day adds to these: in 30 days, 600,000. */
  public static final int LEDGER_FIRSTS_PER_DAY = 20_000;
  /**
   * Calls answered 503 that a process notes in a minute: on a site of usual size, all that guests ask about. A
   * network can use a tenth.
   */
  public static final int LEDGER_OUTAGES_PER_MINUTE = 60;
  /** Sessions and actors whose first event is remembered, and networks: about 2 MiB each. */
  public static final int LEDGER_FIRSTS = 10_000;
  /** Kinds and causes that are counted separately; the program has about 60. */
  public static final int LEDGER_KINDS = 256;
  /** Entries that wait for the store: a minute of all rates of one cause, with about 2 MiB. */
  public static final int LEDGER_QUEUE = 4_000;
  /** Events of strangers that wait: the rest is for commands, agents and revocations. */
  public static final int LEDGER_QUEUE_OF_STRANGERS = LEDGER_QUEUE / 4 * 3;
  /** Entries in one transaction: each is a round trip to PostgreSQL. */
  public static final int LEDGER_GROUP = 50;
  /** How soon an entry is written: before an operator can type a command. */
  public static final Duration LEDGER_FLUSH = Duration.ofMillis(250);
  /**
   * Time between two entries that say how many of a kind were left out: at most 1,440 of each kind
   * a day.
   */
  public static final Duration LEDGER_COUNT = Duration.ofMinutes(1);
  /** Entries of all days: 30 days of one process under a flood. Typically 1 GiB, with indexes. */
  public static final long LEDGER_ENTRIES = 2_000_000;
  /** Length of the page's origin in an entry: strangers choose it, and typical ones have 30. */
  public static final int LEDGER_PAGE_CHARACTERS = 100;
  /** Length of another text in an entry: a name. With this bound all entries take 5 GiB at most. */
  public static final int LEDGER_CHARACTERS = 300;
  /** Names of signals in an entry: all that a fingerprint has. */
  public static final int LEDGER_SIGNALS = 12;
  /** Length of such a name; the longest has 15. */
  public static final int LEDGER_SIGNAL_CHARACTERS = 40;
  /** How long entries are kept at most: a year. */
  public static final int MAX_LEDGER_DAYS = 366;
  /** Entries of a trace (a socket's has several), or of a page: they fit an answer of a process. */
  public static final int LEDGER_OF_TRACE = 50;

  public static final int LEDGER_PAGE = 50;
  /** Sessions of a page of the console: as of the ledger. */
  public static final int SESSION_PAGE = 50;
  /** Sessions that one call for a page reads, also if few of them fit its filters: some milliseconds. */
  public static final int SESSIONS_LOOKED_AT = 1_000;
  /** Searches of a store at once: guests' calls need the other {@link #STORE_READERS}. */
  public static final int SEARCHES_AT_ONCE = 1;
  /** How long another search waits for its turn: a usual one takes less. */
  public static final Duration LEDGER_READ_WAIT = Duration.ofMillis(250);
  /**
   * Deployments in one statement of a read, which finds the newest entries of each by an index: the
   * statement's text stays short.
   */
  public static final int LEDGER_DEPLOYMENTS_AT_ONCE = 20;
  /**
   * Deployments of an account that the console lists, and whose entries in the ledger; it offers as many addresses for
   * them. It is more than a large customer has.
   */
  public static final int DEPLOYMENTS_OF_CONSOLE = 1_000;
  /** The longest list of entries that a command prints: with 500 bytes each, 5 MB of text. */
  public static final int LEDGER_LISTED = 10_000;
  /** Time between two log lines about an outage that continues: at most 1,440 a day. */
  public static final Duration OUTAGE_REMINDER = Duration.ofMinutes(1);
  /** Time without a failure after which work counts as recovered: outages fail more often. */
  public static final Duration OUTAGE_OVER = Duration.ofSeconds(2);
  /** Time without a failure after which the next one is a new outage: tasks run each minute. */
  public static final Duration OUTAGE_QUIET = Duration.ofSeconds(90);
  /** Different reasons of one outage that are logged: enough to understand it. */
  public static final int OUTAGE_REASONS = 8;
  /** Those of one client, where it can invent them: an honest one meets one, or two after a change. */
  public static final int OUTAGE_REASONS_PER_CLIENT = 2;
  /** Time after which a Host is logged again while public.url is not set: 24 lines a day. */
  public static final Duration HOSTS_LOGGED = Duration.ofHours(1);
  /** Different such hosts that are logged in this time: a stranger can invent some. */
  public static final int HOSTS_LOGGED_AT_ONCE = 8;
  /** Those of one client address: it reaches Parlour by one proxy, or two. */
  public static final int HOSTS_LOGGED_PER_CLIENT = 2;
  /** Spans that wait for their export, of about 1 KB each; four for a refresh. */
  public static final int SPANS_WAITING = 4_096;
  /** Spans of one call to the endpoint: half a megabyte, and the next ones wait for its answer. */
  public static final int SPANS_PER_EXPORT = 512;
  /** Longer, an operator waits for a trace; shorter, an idle process sends each trace alone. */
  public static final Duration SPAN_DELAY = Duration.ofSeconds(1);
  /** Time for an export with all repetitions: as long as OpenTelemetry's own exporters wait. */
  public static final Duration SPAN_EXPORT_TIMEOUT = Duration.ofSeconds(10);
  /** How long the end of a process waits for the last spans: an operator waits for it, too. */
  public static final Duration SPAN_FLUSH = Duration.ofSeconds(2);
  /** Arrows of one trace: the longest course of events has 17. */
  public static final int ARROWS_PER_TRACE = 64;
  /** Further arrows of a call that became a socket: its admission has a dozen. */
  public static final int ARROWS_PER_SOCKET = 24;
  /** Traces of refusals that are kept, and as many of other failures; 1 to 4 KiB each. */
  public static final int TRACES_KEPT = 2_000;
  /** Traces of successes that are kept: fewer, because the collector copies them under load. */
  public static final int GOOD_TRACES_KEPT = 500;
  /** Characters of the header in which a service sends its arrows back: 96 for each of the 64. */
  public static final int TRACE_HEADER = 6 * 1024;

  // ---- Files

  /** The longest file: what the web app of the published client sends. */
  public static final long MEDIA_FILE_BYTES = 16L << 20;
  /** Files of one message: as many as the published client sends. */
  public static final int MEDIA_PER_MESSAGE = 10;
  /** Files whose links a guest asks for in one call: those of a page of messages with photos. */
  public static final int MEDIA_SET = 50;
  /** All files of one conversation, with their previews: sixteen of the longest. */
  public static final long MEDIA_CONVERSATION_BYTES = 16 * MEDIA_FILE_BYTES;
  /** All files of one account: a thousand photos of a phone, a small part of any disk. */
  public static final long MEDIA_ACCOUNT_BYTES = 10L << 30;
  /** Files that one participant has uploaded and not sent: those of two messages. */
  public static final int MEDIA_UNSENT = 2 * MEDIA_PER_MESSAGE;
  /** How long a link to a file works: a person opens it at once, or opens it from the chat again. */
  public static final Duration MEDIA_LINK_TTL = Duration.ofMinutes(5);
  /** How long a file waits for its message, and a deleted file's record for its upload: people wait less. */
  public static final Duration MEDIA_UNSENT_AGE = Duration.ofHours(1);
  /** Time between two sweeps that delete bytes of files: as the other sweeps. */
  public static final Duration MEDIA_SWEEP = Duration.ofMinutes(1);
  /** Deleted files whose bytes are deleted by one sweep: a conversation's. */
  public static final int MEDIA_SWEPT = 1_000;
  /** Files that a sweep fails to delete before it ends: a store that is down fails for each. */
  public static final int MEDIA_SWEEP_FAILURES = 5;
  /** Length of a file's name, with its extension: what common file systems can store. */
  public static final int MEDIA_NAME_CHARACTERS = 120;
  /** A file's part in memory and in one call: as base64 171 KiB, within {@link #INTERNAL_BODY}. */
  public static final int MEDIA_CHUNK = 128 * 1024;
  /** Room that an upload reserves at a time: eight chunks. A slow client holds no more unused room. */
  public static final int MEDIA_ROOM_STEP = 8 * MEDIA_CHUNK;
  /** Longest edge of a preview in pixels: a large screen, and small enough to load at once. */
  public static final int MEDIA_PREVIEW_EDGE = 1_600;
  /** The longest preview: a photo of this size has 300 KiB as JPEG, a drawing may have more. */
  public static final int MEDIA_PREVIEW_BYTES = 1 << 20;
  /** Pixels of an image that gets a preview: as phones make them; a bomb claims more. */
  public static final long MEDIA_IMAGE_PIXELS = 25_000_000;
  /** Longest edge of such an image: as JPEG and GIF can say; PNG could have one row of all pixels. */
  public static final int MEDIA_IMAGE_EDGE = 65_535;
  /** Bytes of a JPEG beside its scans that are read: a color profile, and tables of some KiB. */
  public static final int MEDIA_IMAGE_TABLES = 256 * 1024;
  /** Scans of a progressive JPEG: encoders make a dozen, and each takes the time of all pixels. */
  public static final int MEDIA_IMAGE_SCANS = 24;
  /** Bytes of the pixels in memory: those of the largest preview, twice in each direction. */
  public static final long MEDIA_IMAGE_BYTES = 48L << 20;
  /** Images that are read at the same time: a progressive JPEG of the most pixels takes 150 MB. */
  public static final int MEDIA_IMAGE_READERS = 1;
  /** Time to read an image: the largest takes a second; a machine under load takes longer. */
  public static final Duration MEDIA_IMAGE_DEADLINE = Duration.ofSeconds(20);
  /**
   * How long an upload waits for its turn: the guest waits for the upload's answer. After that the
   * file has no preview.
   */
  public static final Duration MEDIA_IMAGE_WAIT = Duration.ofSeconds(10);
  /** Calls of one process to an object store at once: as many as files that an edge forwards. */
  public static final int S3_CALLS = 32;
  /** Time to connect to an object store: it can be in another city, and a packet can be lost. */
  public static final Duration S3_CONNECT_TIMEOUT = Duration.ofSeconds(2);
  /** Time for a call that writes no object: a caller of Conversations still waits for it. */
  public static final Duration S3_DEADLINE = Duration.ofSeconds(3);
  /** Time for a call that writes an object: the longest file at 700 KiB a second. */
  public static final Duration S3_WRITE_DEADLINE = Duration.ofSeconds(25);
  /** The longest answer that is not a part of an object: an error has less than 2 KiB. */
  public static final int S3_ERROR_BYTES = 16 * 1024;
  /** Scans of files at once: clamd has ten threads by default, perhaps for others, too. */
  public static final int MEDIA_SCANS = 4;
  /** One client address can have one part in this many of them: its slow files delay no other's. */
  public static final int MEDIA_SCANS_SHARE = 4;
  /** How long a file waits for its scan: until the slowest of the scans before it has ended. */
  public static final Duration MEDIA_SCAN_WAIT = Duration.ofSeconds(16);
  /** Time to scan a file: a second for the longest one, and more while signatures are reloaded. */
  public static final Duration MEDIA_SCAN_DEADLINE = Duration.ofSeconds(15);
  /** The longest answer of clamd: the name of a signature, and some words. */
  public static final int MEDIA_SCAN_REPLY = 1_024;
  /** Time for the checks of an uploaded file: its scan, its preview, and the writing of both. */
  public static final Duration MEDIA_DEADLINE = Duration.ofSeconds(115);
}
