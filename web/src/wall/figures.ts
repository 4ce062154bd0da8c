/** What the wall shows, drawn from the floor: numbers and names of queues, nothing about people. Pure. */
import type { Floor, QueueFloor, TierRow } from '@/api/types'
import { TIERS } from '@/api/types'

export type Calm = 'calm' | 'within' | 'beyond'

/** Whether anybody in this line has waited longer than the target of his tier. */
export function calm(queue: QueueFloor, now: number): Calm {
  if (queue.waiting === 0) return 'calm'
  const late = Object.values(queue.tiers).some((row) => row && isLate(row, now))
  return late ? 'beyond' : 'within'
}

const isLate = (row: TierRow, now: number) =>
  row.longest_since !== null && now - row.longest_since > row.target_seconds

export interface Chosen {
  queues: QueueFloor[]
  /** Names that were asked for and that no queue has. */
  unknown: string[]
  /** All queues of the floor are shown. */
  all: boolean
}

export function chosen(floor: Floor, wanted: string): Chosen {
  const names = [...new Set(wanted.split(',').map((name) => name.trim()))].filter(Boolean)
  if (names.length === 0) return { queues: floor.queues, unknown: [], all: true }
  const queues = names.flatMap((name) => floor.queues.filter((queue) => queue.queue === name))
  return {
    queues,
    unknown: names.filter((name) => !queues.some((queue) => queue.queue === name)),
    all: false,
  }
}

export interface Totals {
  waiting: number
  longest_since: number | null
  /** Null: agents whom this viewer does not see are among them. */
  ready: number | null
  busy: number | null
  answered: number
  abandoned: number
  /** Rates of several queues are no sum: the server gives those of one queue and of the whole floor. */
  rates: { service_level: number | null; answer_rate: number | null } | null
}

export function totals(floor: Floor, { queues, all }: Chosen): Totals {
  const sum = (of: 'waiting' | 'answered' | 'abandoned') =>
    all ? floor.tiles[of] : queues.reduce((total, queue) => total + queue[of], 0)
  const since = queues.map((queue) => queue.longest_since).filter((at) => at !== null)
  return {
    waiting: sum('waiting'),
    longest_since: since.length > 0 ? Math.min(...since) : null,
    ...agentsOf(floor, { queues, all, unknown: [] }),
    answered: sum('answered'),
    abandoned: sum('abandoned'),
    rates: all ? floor.tiles : queues.length === 1 ? (queues[0] ?? null) : null,
  }
}

/** An agent of two queues counts once, so several queues are counted by the agents, when all of them are seen. */
function agentsOf(floor: Floor, { queues, all }: Chosen): Pick<Totals, 'ready' | 'busy'> {
  const [only, ...others] = queues
  if (!all && only && others.length === 0) return { ready: only.agents_ready, busy: only.agents_busy }
  const on = floor.agents.filter((agent) => agent.state !== 'logged_off')
  const of = (name: string) => on.filter((agent) => agent.queues.includes(name))
  const seen = all
    ? on.length >= floor.tiles.agents_on
    : queues.every((queue) => of(queue.queue).length >= queue.agents_on)
  if (!seen) return { ready: all ? floor.tiles.agents_ready : null, busy: null }
  const names = new Set(queues.map((queue) => queue.queue))
  const there = all ? on : on.filter((agent) => agent.queues.some((name) => names.has(name)))
  return {
    ready: there.filter((agent) => agent.state === 'ready').length,
    busy: there.filter((agent) => agent.state === 'busy' || agent.state === 'ringing').length,
  }
}

/** Which page is shown when one page after the other is, each so many seconds. */
export function turn<T>(
  rows: T[],
  size: number,
  now: number,
  seconds: number,
): { page: number; pages: number; rows: T[] } {
  const pages = Math.max(1, Math.ceil(rows.length / size))
  const page = Math.floor(now / seconds) % pages
  // pages of equal length: five and one would look like a fault
  const each = Math.ceil(rows.length / pages)
  return { page: page + 1, pages, rows: rows.slice(page * each, (page + 1) * each) }
}

export const tiersWaiting = (queue: QueueFloor) =>
  [...TIERS, 'unknown'].flatMap((tier) => {
    const waiting = queue.tiers[tier]?.waiting ?? 0
    return waiting > 0 ? [{ tier, waiting }] : []
  })
