package parlour.media;

import java.util.Optional;
import parlour.Sid;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonType;
import parlour.http.server.Routes;

/** Media over HTTP: the endpoints of the internal listener, and their client. */
public final class MediaHttp implements Media {
  private static final InternalCalls<Media> CALLS = new InternalCalls<>("/v1/Media");

  record Begin(NewFile file) {}

  private static final InternalCalls<Media>.Call<Begin, Begun> BEGIN = CALLS.declare(
      "/begin", Begin.class, "begun", Begun.class, (media, call) -> media.begin(call.file()));

  record Append(Sid.Media file, long offset, Chunk chunk) {}

  private static final InternalCalls<Media>.Call<Append, Appended> APPEND = CALLS.declare(
      "/append",
      Append.class,
      "appended",
      Appended.class,
      (media, call) -> media.append(call.file(), call.offset(), call.chunk()));

  record One(Sid.Media file) {}

  record Finish(Sid.Media file, String fileName, String client) {}

  private static final InternalCalls<Media>.Call<Finish, Finished> FINISH = CALLS.declare(
      "/finish",
      Finish.class,
      "finished",
      Finished.class,
      (media, call) -> media.finish(call.file(), call.fileName(), call.client()));

  private static final InternalCalls<Media>.Call<One, Boolean> DISCARD =
      CALLS.declare("/discard", One.class, "discarded", Boolean.class, (media, call) -> {
        media.discard(call.file());
        return true;
      });

  record Find(Sid.Account account, Sid.Media file) {}

  private static final InternalCalls<Media>.Call<Find, Optional<MediaFile>> FIND = CALLS.declare(
      "/find",
      Find.class,
      "file",
      new JsonType<>() {},
      (media, call) -> media.find(call.account(), call.file()));

  record Read(Sid.Media file, MediaFile.Part part, long offset) {}

  private static final InternalCalls<Media>.Call<Read, Optional<Chunk>> READ = CALLS.declare(
      "/read",
      Read.class,
      "chunk",
      new JsonType<>() {},
      (media, call) -> media.read(call.file(), call.part(), call.offset()));

  private final InternalClient client;
  private final InternalClient patient;

  /**
   * The client of another process.
   *
   * @param patient its deadline is longer than the checks of a file
   */
  public MediaHttp(InternalClient client, InternalClient patient) {
    this.client = client;
    this.patient = patient;
  }

  /** The endpoints for the service of this process. */
  public static void serve(Media service, Routes routes) {
    CALLS.serve(service, routes);
  }

  @Override
  public Begun begin(NewFile file) {
    return BEGIN.ask(client, new Begin(file));
  }

  @Override
  public Appended append(Sid.Media file, long offset, Chunk chunk) {
    return APPEND.ask(client, new Append(file, offset, chunk));
  }

  @Override
  public Finished finish(Sid.Media file, String fileName, String client) {
    return FINISH.ask(patient, new Finish(file, fileName, client));
  }

  @Override
  public void discard(Sid.Media file) {
    var _ = DISCARD.ask(client, new One(file));
  }

  @Override
  public Optional<MediaFile> find(Sid.Account account, Sid.Media file) {
    return FIND.ask(client, new Find(account, file));
  }

  @Override
  public Optional<Chunk> read(Sid.Media file, MediaFile.Part part, long offset) {
    return READ.ask(client, new Read(file, part, offset));
  }
}
