/**
 * The SQL databases under every role's tables: {@link parlour.store.Database} is the door, {@link
 * parlour.store.SqliteDatabase} the embedded one, {@link parlour.store.Migrations} its schema.
 */
@NullMarked
package parlour.store;

import org.jspecify.annotations.NullMarked;
