import { clock } from '@/format'
import { useNow } from '@/stream/now'

/** Time since, moving. */
export function Ticking({ since, testId }: { since: number | null | undefined; testId?: string }) {
  const now = useNow()
  return (
    <span className="num" data-testid={testId}>
      {since ? clock(now - since) : '–'}
    </span>
  )
}
