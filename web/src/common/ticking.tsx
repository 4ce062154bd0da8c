import { useRef } from 'react'
import { clock } from '@/format'
import { useLiveStore } from '@/stream/live'
import { useTick } from '@/stream/now'

const shown = (since: number | null | undefined, now: number) => (since ? clock(now - since) : '–')

/** Time since, moving. It writes its own text: hundreds of them on a page would otherwise be drawn anew each second. */
export function Ticking({ since, testId }: { since: number | null | undefined; testId?: string }) {
  const store = useLiveStore()
  const place = useRef<HTMLSpanElement>(null)
  useTick((now) => {
    if (place.current) place.current.textContent = shown(since, now)
  })
  return (
    <span className="num" data-testid={testId} ref={place}>
      {shown(since, store ? store.now() : Date.now() / 1000)}
    </span>
  )
}
