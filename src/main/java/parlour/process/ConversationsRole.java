package parlour.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.jetty.client.HttpClient;
import parlour.Limits;
import parlour.config.Role;
import parlour.conversations.Conversations;
import parlour.conversations.ConversationsHttp;
import parlour.conversations.ConversationsService;
import parlour.conversations.Followers;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversationsHttp;
import parlour.conversations.GuestConversationsService;
import parlour.conversations.Revocations;
import parlour.conversations.SqlConversationStore;
import parlour.conversations.SqlSearchIndex;
import parlour.conversations.SqlTeamStore;
import parlour.conversations.TeamConversations;
import parlour.conversations.TeamConversationsHttp;
import parlour.conversations.TeamConversationsService;
import parlour.conversations.WakeUpsHttp;
import parlour.conversations.WakeUpsService;
import parlour.events.BusEvent;
import parlour.http.client.HttpClients;
import parlour.http.client.InternalClient;
import parlour.http.client.Nodes;
import parlour.http.client.PostingHttpClient;
import parlour.media.MalwareScanner;
import parlour.media.MediaHttp;
import parlour.media.MediaService;
import parlour.push.GuestPushes;
import parlour.push.PushDelivery;
import parlour.push.PushQueue;
import parlour.push.PushRecordsHttp;
import parlour.push.PushRequest;
import parlour.push.PushServices;
import parlour.push.PushSubscriptions;
import parlour.push.SqlPushQueue;
import parlour.s3.S3Address;
import parlour.s3.S3Bucket;
import parlour.scopedauth.RecordedScopedAuth;
import parlour.scopedauth.ScopedAuth;
import parlour.store.Database;
import parlour.store.DiskSpace;
import parlour.trace.Lifeline;

/** Conversations: the messages of each conversation, for accounts and for guests. */
final class ConversationsRole {
  private ConversationsRole() {}

  static void local(SharedParts parts, Services services) {
    ScopedAuth scopedAuth = services.scopedAuth();
    ScopedAuth recorded = new RecordedScopedAuth(Lifeline.CNV, scopedAuth);
    ConversationsService service = new ConversationsService(
        new SqlConversationStore(
            parts.stores.of(Role.CONVERSATIONS), parts.config.pushContact().isPresent()),
        parts.events,
        recorded,
        parts.disk,
        parts.clock,
        parts.random);
    SqlPushQueue pushQueue = new SqlPushQueue(parts.stores.of(Role.CONVERSATIONS));
    Optional<GuestPushes> pushes = pushes(pushQueue, parts, services);
    // These calls belong to no request, so they are not recorded.
    Revocations revocations = new Revocations(
        scopedAuth,
        service,
        parts.clock,
        session -> pushes.ifPresent(guests -> guests.ended(session)));
    parts.shutdownHooks.add(service::stopWaiting);
    Runnable poll = parts.revocationScheduler.every(
        Limits.REVOCATION_POLL, "poll for revocations", revocations::poll);
    parts.events.subscribe(event -> {
      if (event instanceof BusEvent.SessionRevoked || event instanceof BusEvent.EventsMissed) {
        poll.run();
      }
    });
    parts.supersededScheduler.every(
        Limits.SUPERSEDED_POLL, "poll for superseded tokens", revocations::pollSuperseded);
    parts.everyMinute("delete the records of erased conversations", service::deleteErasureRecords);
    SqlSearchIndex index = new SqlSearchIndex(parts.stores.of(Role.CONVERSATIONS));
    parts.shutdownHooks.add(index::stop);
    parts.searchScheduler.every(
        Limits.SEARCH_UPDATE, "bring the index of the search up to date", index::update);
    MediaService media = media(parts);
    parts.metrics.counter(
        "parlour_media_bytes_total", "Bytes of the files that were stored.", media::storedBytes);
    parts.filesScheduler.every(
        Limits.MEDIA_SWEEP,
        "delete files that belong to no message",
        parts.clock.sweeping(media::sweep));
    Conversations conversations = parts.decorators.conversations(service);
    GuestConversations guestConversations =
        parts.decorators.guestConversations(new GuestConversationsService(
            service,
            media,
            recorded,
            revocations,
            new PushSubscriptions(
                pushQueue,
                new PushServices(parts.config.pushServices()),
                pushes.map(_ -> services.pushKeys()),
                parts.clock),
            parts.rateLimiterIfEnabled()));
    PushRecordsHttp.serve(pushQueue, parts.internalRoutes);
    ConversationsHttp.serve(conversations, parts.internalRoutes);
    GuestConversationsHttp.serve(guestConversations, parts.internalRoutes);
    TeamConversations teamConversations = new TeamConversationsService(
        new SqlTeamStore(parts.stores.of(Role.CONVERSATIONS)), service);
    TeamConversationsHttp.serve(teamConversations, parts.internalRoutes);
    MediaHttp.serve(media, parts.internalRoutes);
    serveWakeUps(service, conversations, guestConversations, parts);
    services.add(conversations, guestConversations, teamConversations, media);
  }

  /** The delivery of Web Push, if the operator has switched it on. */
  private static Optional<GuestPushes> pushes(
      PushQueue queue, SharedParts parts, Services services) {
    return parts.config.pushContact().map(contact -> {
      PostingHttpClient client = new PostingHttpClient();
      parts.closeAtTheEnd(client);
      GuestPushes guests = new GuestPushes(queue, services.scopedAuth()::isLive, parts.clock);
      PushDelivery<PushQueue.Owner> delivery = new PushDelivery<>(
          "pushes",
          queue,
          guests,
          new PushServices(parts.config.pushServices()),
          new PushRequest(client, services.pushKeys(), contact, parts.clock, parts.random),
          parts.clock,
          parts.random);
      parts.closeAtTheEnd(delivery);
      parts.metrics.counters(
          "parlour_pushes_total", "Calls of push services.", "outcome", delivery::outcomes);
      parts.metrics.gauge(
          "parlour_pushes_waiting",
          "Pushes that wait in the store, as counted in the last minute.",
          delivery::waiting);
      parts.everyMinute("count the pushes that wait", delivery::count);
      parts.everyMinute("delete the push subscriptions of sessions that have ended", guests::sweep);
      return guests;
    });
  }

  private static void serveWakeUps(
      ConversationsService service,
      Conversations conversations,
      GuestConversations guestConversations,
      SharedParts parts) {
    WakeUpsService wakeUps = new WakeUpsService(service, conversations, guestConversations);
    WakeUpsHttp.serve(wakeUps, parts.internalRoutes);
    parts.shutdownHooks.add(wakeUps::stop);
    parts.wakeUpScheduler.every(
        Limits.WAKE_UP_CHECK, "check what followers in other processes wait for", wakeUps::check);
  }

  private static MediaService media(SharedParts parts) {
    MediaService media = unscanned(parts);
    return parts
        .config
        .clamav()
        .map(clamd -> {
          MalwareScanner scanner = new MalwareScanner(clamd);
          parts.metrics.counters(
              "parlour_scans_total",
              "Files that the malware scanner has scanned, or has not.",
              "outcome",
              scanner::outcomes);
          Thread.startVirtualThread(scanner::ping); // it can start after this process
          return media.scannedBy(scanner, parts.security);
        })
        .orElse(media);
  }

  private static MediaService unscanned(SharedParts parts) {
    Database database = parts.stores.of(Role.CONVERSATIONS);
    Optional<Path> folder = parts.config.filesFolder();
    Optional<S3Address> s3 = parts.config.s3();
    if (s3.isPresent()) {
      S3Bucket bucket = new S3Bucket(s3.get(), parts.clock);
      parts.closeAtTheEnd(bucket);
      DiskSpace disk = folder.map(parts::diskOfFiles).orElse(parts.disk);
      return MediaService.inBucket(bucket, folder, database, disk, parts.clock);
    }
    return folder
        .map(files -> MediaService.inFolder(files, database, parts.diskOfFiles(files), parts.clock))
        .orElseGet(() -> MediaService.inDatabase(database, parts.disk, parts.clock));
  }

  static void remote(SharedParts parts, Services services) {
    Nodes nodes = parts.nodes(Role.CONVERSATIONS, "Conversations");
    InternalClient client = client(parts, parts.http(), nodes, Limits.CONVERSATIONS_DEADLINE);
    InternalClient patient = client(parts, parts.http(), nodes, Limits.MEDIA_DEADLINE);
    // Its own connections: while all others are busy, a stream must not seem broken.
    HttpClient streams = HttpClients.start(parts.clientTls(), Limits.WAKE_UP_CONNECTIONS);
    parts.closeAtTheEnd(streams::stop);
    InternalClient wakeUps = client(parts, streams, nodes, Limits.CONVERSATIONS_DEADLINE);
    Followers followers = new Followers(new WakeUpsHttp(client), parts.random);
    followers.receive(nodes, node -> new WakeUpsHttp(wakeUps.at(node)));
    parts.closeAtTheEnd(followers);
    services.add(
        new ConversationsHttp(client, followers),
        new GuestConversationsHttp(client, followers),
        new TeamConversationsHttp(client),
        new MediaHttp(client, patient));
  }

  private static InternalClient client(
      SharedParts parts, HttpClient client, Nodes nodes, Duration deadline) {
    return new InternalClient(
        client, nodes, parts.secrets.sent(), deadline, Limits.CONVERSATIONS_RESPONSE_BYTES);
  }
}
