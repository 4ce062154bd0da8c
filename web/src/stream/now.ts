/** One ticking second for the whole page. */
import { useEffect, useRef, useSyncExternalStore } from 'react'
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

/** Calls `draw` with the server's time whenever the part was drawn and once a second in between. */
export function useTick(draw: (now: number) => void): void {
  const store = useLiveStore()
  const latest = useRef(draw)
  useEffect(() => {
    latest.current = draw
    draw(store ? store.now() : Date.now() / 1000)
  })
  useEffect(() => {
    const look = () => latest.current(store ? store.now() : Date.now() / 1000)
    return subscribe(look)
  }, [store])
}
