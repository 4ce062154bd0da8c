import { useMemo, useSyncExternalStore } from 'react'
import { useSession } from '@/session/session'
import { type Draft, Drafts } from './drafts'

/** What this user has begun to write, kept in this tab. */
export function useDrafts(): [Drafts, Draft[]] {
  const { user } = useSession()
  const drafts = useMemo(() => new Drafts(user.id), [user.id])
  return [drafts, useSyncExternalStore(drafts.subscribe, drafts.list)]
}
