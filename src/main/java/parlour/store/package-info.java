/**
 * The SQL databases of all roles. {@link parlour.store.Database} is the interface, {@link
 * parlour.store.SqliteDatabase} the embedded implementation, {@link parlour.store.PostgresDatabase}
 * the one for several nodes. {@link parlour.store.Migrations} create the schema of both, and {@link
 * parlour.store.DataCopy} copies data from one to the other.
 */
@NullMarked
package parlour.store;

import org.jspecify.annotations.NullMarked;
