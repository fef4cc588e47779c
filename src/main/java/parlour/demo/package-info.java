/** The scripted demo: plays the scenes of docs/diagrams against a temporary installation. */
@NullMarked
package parlour.demo;

import org.jspecify.annotations.NullMarked;
