@NullMarked
package parlour.oidc;

import org.jspecify.annotations.NullMarked;
