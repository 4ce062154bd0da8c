import { clock } from '@/format'
import { useNow } from '@/stream/now'

/** Counts up; `since` in local milliseconds. */
export function TalkTime({ since }: { since: number }) {
  useNow()
  return <span className="num">{clock(Math.max(0, (Date.now() - since) / 1000))}</span>
}
