package parlour.spec.chromium;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import java.util.ArrayList;
import java.util.List;

/** Everything that a tab receives: bodies of answers, and frames of sockets. */
final class ReceivedData {
  private final List<Response> answers = new ArrayList<>();
  private final StringBuilder frames = new StringBuilder();

  ReceivedData(Page page) {
    page.onResponse(answers::add);
    page.onWebSocket(
        socket -> socket.onFrameReceived(frame -> frames.append(frame.text()).append('\n')));
  }

  /** Must be called before the tab loads another page, which drops the bodies. */
  String text() {
    StringBuilder text = new StringBuilder(frames);
    for (Response response : answers) {
      text.append(response.url()).append(' ').append(response.status()).append('\n');
      if (!response.request().method().equals("OPTIONS")) {
        text.append(response.text()).append('\n');
      }
    }
    return text.toString();
  }
}
