package parlour.scopedauth;

import parlour.Identity;
import parlour.Sid;

/**
 * The guest that a session belongs to.
 *
 * @param identity the guest's name in the conversation; opaque to ScopedAuth
 */
public record SessionOwner(
    Sid.Account account,
    Sid.Deployment deployment,
    Identity identity,
    Sid.Conversation conversation) {}
