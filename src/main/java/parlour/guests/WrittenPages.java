package parlour.guests;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import java.util.List;
import parlour.Limits;
import parlour.conversations.Forms.MessageForm;
import parlour.conversations.Message;
import parlour.http.json.WrittenJson;

/**
 * The JSON of the pages of messages that were sent last. A guest who goes from page to page of a site
 * reads the same messages each time, and a store in this process then returns the same list.
 */
final class WrittenPages {
  private final Cache<List<Message>, WrittenJson> written = Caffeine.newBuilder()
      .weakKeys() // compares lists by identity, and ends with the list that the store forgets
      .maximumWeight(Limits.RECENT_TRANSCRIPTS_BYTES)
      .weigher((List<Message> _, WrittenJson page) -> page.characters())
      .expireAfterAccess(Limits.RECENT_TRANSCRIPTS_TTL)
      .scheduler(Scheduler.systemScheduler()) // or erased words would stay until the next access
      .build();

  WrittenJson of(List<Message> page) {
    return written.get(page, messages -> WrittenJson.of(MessageForm.of(messages)));
  }
}
