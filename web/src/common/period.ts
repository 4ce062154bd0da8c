/** Periods people ask for, as bounds in seconds since 1970. Pure. */

export const PERIODS = ['hour', 'today', 'day', 'week', 'month', 'all', 'own'] as const
export type Period = (typeof PERIODS)[number]

const HOUR = 3600
const DAY = 86_400

/** Rounded to the minute, so that a page asks the same question twice in a row. */
export function periodBounds(
  period: string,
  from: string,
  until: string,
  now: number,
): { from?: number; until?: number } {
  const minute = Math.floor(now / 60) * 60
  switch (period) {
    case 'hour':
      return { from: minute - HOUR }
    case 'today':
      return { from: startOfDay(now) }
    case 'day':
      return { from: minute - DAY }
    case 'week':
      return { from: startOfDay(now) - 6 * DAY }
    case 'month':
      return { from: startOfDay(now) - 29 * DAY }
    case 'own':
      return ownBounds(from, until)
    default:
      return {}
  }
}

function startOfDay(now: number): number {
  const date = new Date(now * 1000)
  date.setHours(0, 0, 0, 0)
  return date.getTime() / 1000
}

/** Whole local days, both included. */
function ownBounds(from: string, until: string): { from?: number; until?: number } {
  const bounds: { from?: number; until?: number } = {}
  const first = localMidnight(from)
  const last = localMidnight(until)
  if (first) bounds.from = first.getTime() / 1000
  if (last) {
    last.setDate(last.getDate() + 1)
    bounds.until = last.getTime() / 1000
  }
  return bounds
}

function localMidnight(text: string): Date | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  return parts ? new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])) : null
}
