/**
 * Says every two seconds that this page lives. The worker only keeps the time: the word is sent by the page itself, so a
 * page that hangs says nothing.
 */
import { useEffect } from 'react'
import { useSession } from '@/session/session'
import { useLinkStatus, useLiveStore } from '@/stream/live'

export function Presence() {
  const { user, phone } = useSession()
  const store = useLiveStore()
  const live = useLinkStatus() === 'live'
  const hasPhone = phone !== null
  useEffect(() => {
    if (!store || !live || !user.agent) return
    const say = () => store.present(hasPhone)
    say()
    const worker = new Worker(new URL('./beat.ts', import.meta.url), { type: 'module' })
    worker.onmessage = say
    document.addEventListener('visibilitychange', say)
    return () => {
      worker.terminate()
      document.removeEventListener('visibilitychange', say)
    }
  }, [store, live, user.agent, hasPhone])
  return null
}
