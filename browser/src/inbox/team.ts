import { get, post, type Agent, type Me, type Summary } from './api';
import { texts } from './language';

/** A note about a conversation, which only agents see. */
export interface Note {
  /** The revision of the conversation that added it: its place among the messages, and the number by which it is named. */
  added_revision: number;
  revision: number;
  author: string;
  author_name: string;
  body: string;
  date_created: string;
  removed: boolean;
}

/** The agents of the account, by identity. */
export class Team {
  #agents = new Map<string, Agent>();
  /** How many agents have each display name. */
  #names = new Map<string, number>();
  #reading: Promise<void> | undefined;
  #readAt = 0;
  /** Agents who were met in conversations and not in the list. */
  readonly #unknown = new Set<string>();
  /** Those of them whom the list did not have when it was read after that: they were removed. */
  #gone = new Set<string>();

  /** @param changed is called when the names are known */
  constructor(private readonly changed: () => void) {}

  get agents(): Agent[] {
    return [...this.#agents.values()];
  }

  /** The name of an agent, with the one to sign in if several agents have it; "An agent" as long as it is not known. */
  nameOf(identity: string): string {
    const agent = this.#agents.get(identity);
    if (!agent) return this.#gone.has(identity) ? texts.removedAgent : texts.anAgent;
    return this.#names.get(agent.display_name) === 1 ? agent.display_name : `${agent.display_name} (${agent.name})`;
  }

  /** Whether an agent can answer guests: one who was removed, or became an auditor, cannot. */
  canAnswer(identity: string): boolean {
    return !this.#gone.has(identity) && this.#agents.get(identity)?.role !== 'auditor';
  }

  /** Reads the agents again if this one is unknown: somebody has joined the team. */
  meet({ assignee }: Pick<Summary, 'assignee'>): void {
    if (!assignee || this.#agents.has(assignee)) return;
    const isNew = !this.#unknown.has(assignee);
    this.#unknown.add(assignee);
    if (isNew || Date.now() - this.#readAt > REREAD_MS) void this.read();
  }

  /** Reads the agents again, unless that was a short time ago: a large team is a long list. */
  async readIfOld(): Promise<void> {
    if (Date.now() - this.#readAt > OLD_MS) await this.read();
  }

  /** Fails silently: the page then shows no names, and asks again with the next unknown agent. */
  read(): Promise<void> {
    this.#reading ??= get<{ agents: Agent[] }>('/agents')
      .then(({ agents }) => {
        this.#agents = new Map(agents.map((one) => [one.identity, one]));
        this.#names = new Map();
        for (const { display_name: name } of agents) this.#names.set(name, (this.#names.get(name) ?? 0) + 1);
        const isComplete = agents.length < MAX_LISTED;
        this.#gone = new Set(isComplete ? [...this.#unknown].filter((one) => !this.#agents.has(one)) : []);
        this.changed();
      })
      .catch(() => {})
      .finally(() => {
        this.#reading = undefined;
        this.#readAt = Date.now();
      });
    return this.#reading;
  }
}

/** Whether a colleague works on a conversation, who can answer its guest. */
export function isOfOther({ assignee }: Summary, me: Me, team: Team): boolean {
  return assignee !== null && assignee !== me.identity && team.canAnswer(assignee);
}

/** An agent who was removed stays unknown, and must not cause a call with each event. */
const REREAD_MS = 30_000;

/** The list of agents is read at most this often for conversations that are opened. */
const OLD_MS = 60_000;

/** The server lists no more agents. */
const MAX_LISTED = 1_000;

/**
 * Changes who works on a conversation, if it is still `from`.
 *
 * @param to the identity of an agent; empty for nobody
 */
export async function assign(sid: string, to: string, from: string): Promise<void> {
  await post(`/conversations/${sid}/assignee`, { assignee: to, from });
}
