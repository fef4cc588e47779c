/** Certificates and keys of listeners and clients. */
@NullMarked
package parlour.http.tls;

import org.jspecify.annotations.NullMarked;
