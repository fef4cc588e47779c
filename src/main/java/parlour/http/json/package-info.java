/** JSON of records: read strictly, and written in one form per type. */
@NullMarked
package parlour.http.json;

import org.jspecify.annotations.NullMarked;
