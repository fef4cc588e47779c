/** FlexWebchatOrchestratorService (FWO): starts chats, refreshes tokens, and makes fingerprints. */
@NullMarked
package parlour.orchestrator;

import org.jspecify.annotations.NullMarked;
