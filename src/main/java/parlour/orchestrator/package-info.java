/** FlexWebchatOrchestratorService (FWO): starts and refreshes guests' sessions, makes fingerprints. */
@NullMarked
package parlour.orchestrator;

import org.jspecify.annotations.NullMarked;
