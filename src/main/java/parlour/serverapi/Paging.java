package parlour.serverapi;

import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.RequestFields;
import parlour.serverapi.ServerForms.Meta;

/** The pages of a list, as the public REST API describes them. */
final class Paging {
  /** Far beyond what anybody reads; the number of the next page still fits an int. */
  private static final int MAX_PAGE = 1 << 30;

  private Paging() {}

  static Meta meta(
      String url, String key, RequestFields query, int size, @Nullable String nextToken) {
    int page = page(query);
    StringBuilder kept = new StringBuilder("?PageSize=" + size);
    query.optional("order").ifPresent(order -> kept.append("&Order=").append(word(order)));
    query.optional("state").ifPresent(state -> kept.append("&State=").append(word(state)));
    return new Meta(
        page,
        size,
        url + kept + "&Page=0",
        null, // a page continues from a position, so there is no way back
        url + kept + "&Page=" + page,
        nextToken == null ? null : url + kept + "&Page=" + (page + 1) + "&PageToken=" + nextToken,
        key);
  }

  /** The number of the page, which the answer only repeats: the token decides where it begins. */
  private static int page(RequestFields query) {
    long page = query.number("page").orElse(0L);
    if (page < 0 || page > MAX_PAGE) {
      throw new Problem(ErrorCode.MALFORMED, "The Page must be from 0 to %d.".formatted(MAX_PAGE));
    }
    if (page > 0 && query.optional("pageToken").isEmpty()) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "Page %d cannot be found by its number; follow next_page_url from the first page."
              .formatted(page));
    }
    return Math.toIntExact(page);
  }

  /** Drops every character that an address would have to escape. */
  private static String word(String text) {
    return text.replaceAll("[^A-Za-z]", "");
  }

  static int size(RequestFields query) {
    long size = query.number("pageSize").orElse((long) Limits.PAGE_DEFAULT);
    if (size < 1) {
      throw new Problem(ErrorCode.MALFORMED, "The PageSize must be 1 or more.");
    }
    return (int) Math.min(size, Limits.MAX_PAGE);
  }
}
