package parlour.conversations;

import parlour.scopedauth.Audience;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.GuestToken;

/** What a guest shows at the door, checked on every call: nothing is known of them before that. */
public record GuestCredentials(GuestToken token, Audience audience, Fingerprint fingerprint) {}
