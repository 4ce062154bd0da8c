/** KPI rows as the columns of a chart: every interval once, empty ones too. Pure. */
import { type KpiRow, TIERS } from '@/api/types'

export interface Series {
  /** Beginnings of the intervals, seconds since 1970. */
  times: number[]
  groups: string[]
  /** For each group, one value an interval; null where nothing happened. */
  rows: Map<string, (KpiRow | null)[]>
}

const LONGEST = 3000

export function series(items: KpiRow[], interval: number): Series {
  const starts = [...new Set(items.map((row) => row.from))].sort((a, b) => a - b)
  const times = interval >= 86_400 ? starts : filled(starts, interval)
  const place = new Map(times.map((at, index) => [at, index]))
  const rows = new Map<string, (KpiRow | null)[]>()
  for (const row of items) {
    const group = row.group ?? ''
    const line = rows.get(group) ?? new Array<KpiRow | null>(times.length).fill(null)
    rows.set(group, line)
    const index = place.get(row.from)
    if (index !== undefined) line[index] = row
  }
  return { times, groups: [...rows.keys()].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b)), rows }
}

/** Tiers in their order, everything else by name. */
function rank(group: string): number {
  const place = (TIERS as readonly string[]).indexOf(group)
  return place < 0 ? TIERS.length : place
}

/** Days differ in length where clocks are set, so only shorter intervals are filled. */
function filled(starts: number[], interval: number): number[] {
  const first = starts[0]
  const last = starts.at(-1)
  if (first === undefined || last === undefined) return []
  const length = Math.round((last - first) / interval) + 1
  const aligned = starts.every((at) => (at - first) % interval === 0)
  if (!aligned || length > LONGEST) return starts
  return Array.from({ length }, (_, index) => first + index * interval)
}
