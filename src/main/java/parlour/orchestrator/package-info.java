/** FlexWebchatOrchestratorService (FWO): deployment keys, accounts, addresses, configuration, fingerprints. */
@NullMarked
package parlour.orchestrator;

import org.jspecify.annotations.NullMarked;
