/** JSON, read strictly and written by generated adapters. */
@NullMarked
package parlour.http.json;

import org.jspecify.annotations.NullMarked;
