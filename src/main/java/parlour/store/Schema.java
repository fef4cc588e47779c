package parlour.store;

import java.util.List;

/**
 * The tables of one role.
 *
 * @param role the role's word, which is also the folder of the migrations: {@code scoped-auth}
 * @param migrations the names of all migrations ({@code NNN-name.sql}), in order from 001. A list,
 *     because a folder in a jar cannot always be searched, and a missing file would be a missing
 *     table
 */
public record Schema(String role, List<String> migrations) {
  public Schema {
    migrations = List.copyOf(migrations);
  }

  public static Schema of(String role, String... migrations) {
    return new Schema(role, List.of(migrations));
  }
}
