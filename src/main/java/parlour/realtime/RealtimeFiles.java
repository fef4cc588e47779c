package parlour.realtime;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.api.GuestUploader;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestCredentials;
import parlour.conversations.GuestOutcome;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.json.Json;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Routes;
import parlour.media.MediaFile;
import parlour.media.MediaForm;
import parlour.media.MediaLinks;
import parlour.media.Uploads;
import parlour.orchestrator.BrowserRequest;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.Verdict;

/**
 * The media service of the package {@code @twilio/conversations}: its guest uploads files, and gets
 * links to the files of the conversation. The token is in a header, and without it these paths are the
 * calls of servers.
 */
public final class RealtimeFiles {
  private static final String TOKEN = "X-Twilio-Token";
  private static final String SERVICE = "/v1/Services/{ServiceSid}";
  private static final String ALL = SERVICE + "/Media";

  private final FlexWebchatOrchestrator orchestrator;
  private final GuestConversations conversations;
  private final Uploads uploads;
  private final MediaLinks links;
  private final PublicAddress address;

  /**
   * @param publicUrl where browsers reach this installation, if it is configured
   */
  public RealtimeFiles(
      FlexWebchatOrchestrator orchestrator,
      GuestConversations conversations,
      Uploads uploads,
      MediaLinks links,
      Optional<String> publicUrl) {
    this.orchestrator = orchestrator;
    this.conversations = conversations;
    this.uploads = uploads;
    this.links = links;
    this.address = new PublicAddress(publicUrl);
  }

  /** Adds the calls; before those of servers, which have the same paths. */
  public void serve(Routes routes) {
    routes.withHeader(TOKEN, "POST", ALL, this::upload);
    routes.withHeader(TOKEN, "GET", ALL + "/{MediaSid}", this::find);
    routes.post(SERVICE + "/MediaSet", this::findAll);
  }

  /** The bytes are the body, or in a form. The package repeats no upload, and gives it no id. */
  private ApiResponse upload(ApiRequest call) {
    GuestCredentials credentials = credentials(call);
    MediaFile file = uploads.receive(
        call,
        Optional.empty(),
        Uploads.category(call.query()),
        new GuestUploader(conversations, credentials, RealtimeFiles::refused));
    return ApiResponse.json(201, form(call, file));
  }

  private ApiResponse find(ApiRequest call) {
    GuestCredentials credentials = credentials(call);
    List<Sid.Media> sid = Sid.Media.of(call.parameter("MediaSid")).stream().toList();
    return files(credentials, sid).stream()
        .findFirst()
        .map(file -> ApiResponse.json(200, form(call, file)))
        .orElseThrow(() -> new Problem(ErrorCode.NO_SUCH_RESOURCE));
  }

  /**
   * One file of a set.
   *
   * @param mediaRecord a {@link MediaForm}, or only the sid of a file that the guest cannot open
   */
  record OneOfSet(int code, Object mediaRecord) {}

  record OnlySid(String sid) {}

  private ApiResponse findAll(ApiRequest call) {
    GuestCredentials credentials = credentials(call);
    List<String> wanted = wanted(call.body(Limits.MESSAGE_CALL_BODY));
    Map<String, MediaFile> found = new HashMap<>();
    files(
            credentials,
            wanted.stream().flatMap(sid -> Sid.Media.of(sid).stream()).toList())
        .forEach(file -> found.put(file.sid().text(), file));
    List<OneOfSet> answer = new ArrayList<>();
    for (String sid : wanted) {
      @Nullable MediaFile file = found.get(sid);
      answer.add(
          file == null ? new OneOfSet(404, new OnlySid(sid)) : new OneOfSet(200, form(call, file)));
    }
    return ApiResponse.json(200, answer);
  }

  /** Reads {@code {"command":"get","list":[{"media_sid":"ME…"}]}}. */
  private static List<String> wanted(byte[] body) {
    Map<String, @Nullable Object> fields =
        Json.object(new String(body, StandardCharsets.UTF_8)).orElse(Map.of());
    if (!"get".equals(fields.get("command"))
        || !(fields.get("list") instanceof List<?> list)
        || list.size() > Limits.MEDIA_SET) {
      throw malformedSet();
    }
    List<String> sids = new ArrayList<>();
    for (Object one : list) {
      if (!(one instanceof Map<?, ?> item) || !(item.get("media_sid") instanceof String sid)) {
        throw malformedSet();
      }
      sids.add(sid);
    }
    return sids;
  }

  private static Problem malformedSet() {
    return new Problem(
        ErrorCode.MALFORMED,
        "Send the command \"get\" and a list of at most %d objects with a media_sid."
            .formatted(Limits.MEDIA_SET));
  }

  private List<MediaFile> files(GuestCredentials credentials, List<Sid.Media> sids) {
    return GuestOutcome.of("files {media_sid}", () -> conversations.files(credentials, sids))
        .orThrow(RealtimeFiles::refused);
  }

  private GuestCredentials credentials(ApiRequest call) {
    @Nullable String token = call.header(TOKEN);
    if (token == null) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The header %s is missing: send the guest's token.".formatted(TOKEN));
    }
    GuestCredentials credentials;
    try {
      credentials = orchestrator.realtimeCallCredentials(
          new GuestToken(token), BrowserRequest.of(call, Optional.empty()));
    } catch (Problem problem) {
      throw problem.code() == ErrorCode.TOKEN_REFUSED
          ? new Problem(ErrorCode.CLIENT_TOKEN_REFUSED)
          : problem;
    }
    String service = MediaForm.service(credentials.audience().account());
    if (!call.parameter("ServiceSid").equals(service)) {
      throw new Problem(ErrorCode.NO_SUCH_RESOURCE);
    }
    return credentials;
  }

  /** The errors that the package's pages know. */
  private static Problem refused(Verdict.Refused refusal) {
    return switch (refusal.failure()) {
      case TOKEN_EXPIRED -> new Problem(ErrorCode.CLIENT_TOKEN_EXPIRED);
      case TOKEN_VALIDATION_FAILED -> new Problem(ErrorCode.CLIENT_TOKEN_REFUSED);
      case FINGERPRINT_VALIDATION_FAILED -> new Problem(ErrorCode.FINGERPRINT_REFUSED);
    };
  }

  private MediaForm form(ApiRequest call, MediaFile file) {
    String files = "/v1/Services/" + MediaForm.service(file.owner().account()) + "/Media";
    return links.form(address.of(call), files, file);
  }
}
