/**
 * The SQL databases under every role's tables: {@link parlour.store.Database} is the door, {@link
 * parlour.store.SqliteDatabase} the embedded one, {@link parlour.store.PostgresDatabase} the one for
 * several nodes, {@link parlour.store.Migrations} the schema of both, {@link parlour.store.Move} the
 * way from one to the other.
 */
@NullMarked
package parlour.store;

import org.jspecify.annotations.NullMarked;
