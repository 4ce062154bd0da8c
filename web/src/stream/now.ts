/** One ticking second for the whole page. */
import { useSyncExternalStore } from 'react'
import { useLiveStore } from './live'

const listeners = new Set<() => void>()
let second = Math.floor(Date.now() / 1000)
let timer: ReturnType<typeof setInterval> | undefined

function tick() {
  const next = Math.floor(Date.now() / 1000)
  if (next === second) return
  second = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(tick, 250)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Seconds since 1970 by the server's clock, moving once a second. */
export function useNow(): number {
  const store = useLiveStore()
  useSyncExternalStore(subscribe, () => second)
  return store ? store.now() : Date.now() / 1000
}
