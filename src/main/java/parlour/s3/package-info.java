/** A bucket of an S3-compatible object store. */
@NullMarked
package parlour.s3;

import org.jspecify.annotations.NullMarked;
