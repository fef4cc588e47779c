package parlour.process;

import parlour.config.Role;
import parlour.conversations.Conversations;
import parlour.conversations.GuestConversations;
import parlour.federatedauth.FederatedAuth;
import parlour.scopedauth.ScopedAuth;
import parlour.store.Database;

/**
 * Decorates the services and stores of a process before they are used. Production decorates
 * nothing; the tests inject faults here.
 */
public interface ServiceDecorators {
  ServiceDecorators NONE = new ServiceDecorators() {};

  default ScopedAuth scopedAuth(ScopedAuth service) {
    return service;
  }

  default FederatedAuth federatedAuth(FederatedAuth service) {
    return service;
  }

  default Conversations conversations(Conversations service) {
    return service;
  }

  default GuestConversations guestConversations(GuestConversations service) {
    return service;
  }

  default Database database(Role role, Database database) {
    return database;
  }
}
