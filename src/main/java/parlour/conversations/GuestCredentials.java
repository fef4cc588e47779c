package parlour.conversations;

import parlour.scopedauth.Audience;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.GuestToken;

/** The credentials of a guest, which every call carries. Nothing of them was validated yet. */
public record GuestCredentials(GuestToken token, Audience audience, Fingerprint fingerprint) {}
