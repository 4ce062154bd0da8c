/** The credits in the text of a policy, read and changed where they stand; the rest of the text stays as it is. */
import type { Tier } from '@/api/types'

const place = (tier: Tier) => new RegExp(`^(\\s+${tier}:\\s*\\{[^}\\n]*?\\bcredit:\\s*)(\\w+)`, 'm')

/** Only the part before `queues:`, where tiers of single queues stand. */
function head(text: string): number {
  const from = text.search(/^queues:/m)
  return from < 0 ? text.length : from
}

/** Null where the text has it in another form: then it is changed in the text. */
export function creditOf(text: string, tier: Tier): string | null {
  return place(tier).exec(text.slice(0, head(text)))?.[2] ?? null
}

export function withCredit(text: string, tier: Tier, credit: string): string {
  const end = head(text)
  const changed = text.slice(0, end).replace(place(tier), (_, before: string) => before + credit)
  return changed + text.slice(end)
}
