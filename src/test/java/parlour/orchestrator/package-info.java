/** FlexWebchatOrchestratorService: origins, identities, fingerprints, configuration. */
@NullMarked
package parlour.orchestrator;

import org.jspecify.annotations.NullMarked;
