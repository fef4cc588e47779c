package parlour.conversations;

import java.util.AbstractList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import parlour.conversations.Forms.MessageForm;
import parlour.http.json.WrittenJson;

/** Messages that are read again and again, with their JSON once it was written. */
final class RememberedMessages extends AbstractList<Message> {
  private final List<Message> messages;

  /** Written by two threads at once, it is the same. */
  private volatile @Nullable WrittenJson json;

  RememberedMessages(List<Message> messages) {
    this.messages = messages;
  }

  @Override
  public Message get(int index) {
    return messages.get(index);
  }

  @Override
  public int size() {
    return messages.size();
  }

  WrittenJson json() {
    WrittenJson written = json;
    if (written == null) {
      written = WrittenJson.of(MessageForm.of(messages));
      json = written;
    }
    return written;
  }
}
