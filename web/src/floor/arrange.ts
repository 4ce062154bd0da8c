/** Which agents, queues and callers are shown, in which order and groups. Pure. */
import type { AgentFloor, QueueFloor, WaitingCaller } from '@/api/types'
import { STATE_ORDER } from './agent-look'

export const GROUPS = ['state', 'queue', 'none'] as const
export type Group = (typeof GROUPS)[number]
export const SORTS = ['state', 'name', 'since', 'handled'] as const
export type Sort = (typeof SORTS)[number]

const has = (text: string | null | undefined, part: string) =>
  text?.toLocaleLowerCase().includes(part) ?? false

/** Everything that was typed must be found, in whichever field. */
function matches(wanted: string, fields: (string | null | undefined)[]): boolean {
  const parts = wanted.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return parts.every((part) => fields.some((field) => has(field, part)))
}

export const findAgents = (agents: AgentFloor[], wanted: string) =>
  wanted
    ? agents.filter((one) => matches(wanted, [one.name, one.agent, one.customer, ...one.queues]))
    : agents

export const findWaiting = (waiting: WaitingCaller[], wanted: string) =>
  wanted
    ? waiting.filter((one) => matches(wanted.replace(/^\+/, ''), [one.name, one.number, one.queue]))
    : waiting

export const findQueues = (queues: QueueFloor[], wanted: string) =>
  wanted ? queues.filter((one) => matches(wanted, [one.queue])) : queues

const numeric = new Intl.Collator('en', { numeric: true })
const alphabet = new Intl.Collator()
const byNumber = (a: AgentFloor, b: AgentFloor) => numeric.compare(a.agent, b.agent)
const byName = (a: AgentFloor, b: AgentFloor) => alphabet.compare(a.name, b.name) || byNumber(a, b)
const RANK = Object.fromEntries(STATE_ORDER.map((state, place) => [state, place]))
/** The CSS `order` of an agent among those of his group, a whole number; those of the same one stand as they are listed. */
export const PLACE: Record<Sort, (agent: AgentFloor) => number> = {
  state: (agent) => RANK[agent.state] ?? 0,
  name: () => 0, // listed by name
  since: (agent) => Math.trunc(agent.since) - 1_700_000_000, // longest in the state first; within 32 bits
  handled: (agent) => -agent.handled,
}

export interface AgentGroup {
  /** A state or a queue; empty where there is but one group. */
  name: string
  agents: AgentFloor[]
}

/** `sort` says only how they are listed; `PLACE` where each is seen. */
export function arranged(agents: AgentFloor[], group: Group, sort: Sort): AgentGroup[] {
  const sorted = agents.toSorted(sort === 'name' ? byName : byNumber)
  if (group === 'none') return [{ name: '', agents: sorted }]
  const groups = new Map<string, AgentFloor[]>()
  if (group === 'state') for (const state of STATE_ORDER) groups.set(state, [])
  for (const agent of sorted) {
    const names = group === 'state' ? [agent.state] : agent.queues.length > 0 ? agent.queues : ['']
    for (const name of names) {
      const members = groups.get(name)
      if (members) members.push(agent)
      else groups.set(name, [agent])
    }
  }
  const named = [...groups].map(([name, members]) => ({ name, agents: members }))
  const shown = named.filter((one) => one.agents.length > 0)
  return group === 'queue'
    ? shown.toSorted((a, b) => Number(!a.name) - Number(!b.name) || alphabet.compare(a.name, b.name))
    : shown
}
