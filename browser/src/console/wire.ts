/** The answers of `/inbox/api/console`. */

/** An entry of the ledger. */
export interface Entry {
  at: string;
  /** The whole trace id; empty if no request caused the entry. */
  trace: string;
  event: string;
  /** The error code of the answer; 0 if nothing was refused. */
  code: number;
  cause: string;
  signals: string[];
  session_sid: string | null;
  deployment_key: string | null;
  /** The origin of the page that called. */
  page: string | null;
  by: string;
  object: string;
  /** 0 for an event; otherwise how many such events were only counted. */
  left_out: number;
  can_allow: boolean;
}

export interface Arrow {
  from: string;
  to: string;
  text: string;
  detail: string;
}

/** `/traces/{Trace}` */
export interface Traced {
  trace: string;
  is_recorded: boolean;
  /** Whether the entries are missing because the ledger cannot be read now. */
  is_ledger_down: boolean;
  arrows: Arrow[];
  entries: Entry[];
}

export interface Deployment {
  deployment_key: string;
  name: string;
  /** Empty: any page can use it. */
  allowed_origins: string[];
  sensitivity: string;
  proof: string;
  revoke_on_replay: boolean;
  realtime: boolean;
  token_ttl: string;
  bound_session_ttl: string;
  unbound_session_ttl: string;
  idle_ttl: string;
  keep: string | null;
}

/** `/deployments` */
export interface Deployments {
  deployments: Deployment[];
  public_url: string | null;
}

/** `/sessions?id=…` */
export interface Session {
  sid: string;
  state: 'live' | 'revoked' | 'over';
  deployment_key: string;
  conversation_sid: string;
  /** Whether it is bound to a key that its browser cannot give away. */
  bound: boolean;
  generation: number;
  created: string;
  last_seen: string;
  expires: string;
  revoked: string | null;
  revoked_why: string | null;
  refusals: number;
  last_refused: string | null;
  last_refused_why: string | null;
  replays: number;
  observed: number;
  last_observed_why: string | null;
}
