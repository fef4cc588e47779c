package parlour.scopedauth;

import parlour.Sid;

/** The account and the deployment that a token names, which says nothing about who presents it. */
public record TokenAudience(Sid.Account account, Sid.Deployment deployment) {}
