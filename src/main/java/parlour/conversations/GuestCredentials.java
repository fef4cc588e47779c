package parlour.conversations;

import parlour.scopedauth.Audience;
import parlour.scopedauth.Presented;

/** The credentials of a guest, which every call carries. Nothing of them was validated yet. */
public record GuestCredentials(Presented presented, Audience audience) {}
