package parlour.process;

import parlour.config.Role;
import parlour.conversations.Conversations;
import parlour.conversations.GuestConversations;
import parlour.federatedauth.FederatedAuth;
import parlour.scopedauth.ScopedAuth;
import parlour.store.Database;

/**
 * What stands in each door of a process. In production nothing does; the tests plant faults here
 * and see that they are caught.
 */
public interface Doors {
  Doors OPEN = new Doors() {};

  default ScopedAuth scopedAuth(ScopedAuth door) {
    return door;
  }

  default FederatedAuth federatedAuth(FederatedAuth door) {
    return door;
  }

  default Conversations conversations(Conversations door) {
    return door;
  }

  default GuestConversations guestConversations(GuestConversations door) {
    return door;
  }

  default Database database(Role role, Database database) {
    return database;
  }
}
