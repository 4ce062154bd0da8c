import { useLayoutEffect } from 'react'
import { useLinkStatus, useLiveStore } from '@/stream/live'

/**
 * Tells the server that a pop stands on the screen: two animation frames after React has put it there, the
 * browser has painted it. A hidden tab paints nothing, so it acknowledges nothing.
 */
export function useRendered(pop: string, rungAt: number, open: boolean): void {
  const store = useLiveStore()
  const status = useLinkStatus()
  useLayoutEffect(() => {
    if (!store || !open || status !== 'live') return
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => store.rendered(pop, rungAt))
    })
    return () => cancelAnimationFrame(frame)
  }, [store, pop, rungAt, open, status])
}
