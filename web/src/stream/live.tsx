/** Gives the live store to the pages, and the hooks that read it. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { api, STREAM_PATH } from '@/api/client'
import { useSession } from '@/session/session'
import type { LinkStatus } from './connection'
import type { LiveState } from './reducer'
import { LiveStore } from './store'

const Context = createContext<LiveStore | null>(null)

export function LiveProvider({ children }: { children: ReactNode }) {
  const { user, may } = useSession()
  const client = useQueryClient()
  const [store, setStore] = useState<LiveStore | null>(null)
  const wanted = may('see_floor') || may('use_desk')

  useEffect(() => {
    if (!wanted) return
    // What calls come to is asked for by the pages that show it.
    const address = new URL(`${STREAM_PATH}?changes=no`, window.location.href.replace(/^http/, 'ws')).href
    const next = new LiveStore(
      address,
      user.agent,
      () => void client.invalidateQueries({ queryKey: ['session'] }),
    )
    setStore(next)
    next.start()
    return () => next.stop()
  }, [wanted, user.agent, client])

  if (wanted && !store) return null
  return (
    <Context value={store}>
      {store && may('see_floor') ? <FloorWhileAway store={store} /> : null}
      {children}
    </Context>
  )
}

/** While the stream is away the floor is asked for, so the page never stands still silently. */
function FloorWhileAway({ store }: { store: LiveStore }) {
  const status = useSyncExternalStore(store.subscribe, store.status)
  const { data } = useQuery({
    queryKey: ['floor'],
    queryFn: api.floor,
    enabled: status === 'reconnecting',
    refetchInterval: 5000,
    retry: false,
  })
  useEffect(() => {
    if (data && status !== 'live') store.feed(data)
  }, [data, status, store])
  return null
}

export function useLiveStore(): LiveStore | null {
  return useContext(Context)
}

const never = () => () => {}
const nothing = () => null

export function useLive<T>(select: (state: LiveState) => T): T | null {
  const store = useContext(Context)
  return useSyncExternalStore<T | null>(
    store ? store.subscribe : never,
    store ? () => select(store.snapshot()) : nothing,
  )
}

export function useLinkStatus(): LinkStatus | null {
  const store = useContext(Context)
  return useSyncExternalStore<LinkStatus | null>(
    store ? store.subscribe : never,
    store ? store.status : nothing,
  )
}
