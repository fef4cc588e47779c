/**
 * Parlour: self-hosted guest web chat. {@link parlour.process.ParlourProcess} reads as the deployment
 * plan; README.md, "Where the code is", lists the packages.
 */
@NullMarked
package parlour;

import org.jspecify.annotations.NullMarked;
