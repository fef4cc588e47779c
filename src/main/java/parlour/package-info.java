/**
 * Parlour: self-hosted guest web chat. {@link parlour.process.ParlourProcess} shows which parts
 * a process consists of; README.md, "Where the code is", lists the packages.
 */
@NullMarked
package parlour;

import org.jspecify.annotations.NullMarked;
