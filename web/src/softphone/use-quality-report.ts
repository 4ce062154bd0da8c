import { useEffect } from 'react'
import { ApiError, api } from '@/api/client'
import { useSession } from '@/session/session'
import { useLive } from '@/stream/live'
import type { Summary } from './mos'
import { usePhoneState, useSoftphone } from './provider'

/** The call of this moment is written down a little after it is over. */
const AGAIN_MS = [0, 3000, 15_000]

/** Tells the server how each conversation sounded. A call it does not know (a colleague rung by number) is let go. */
export function useQualityReport(): void {
  const { user } = useSession()
  const phone = useSoftphone()
  const popped = useLive((state) => state.pops.find((pop) => pop.state === 'answered')?.call ?? null)
  const listed = useLive((state) => state.floor?.agents.find((row) => row.agent === user.agent)?.call ?? null)
  const call = popped ?? listed
  const talks = usePhoneState()?.call?.phase === 'talking'

  useEffect(() => {
    if (call && talks) phone?.isOf(call)
  }, [phone, call, talks])
  useEffect(() => {
    if (!phone) return
    phone.ended = (of, sounded) => {
      if (sounded) void keep(of, sounded)
    }
  }, [phone])
}

async function keep(call: string, sounded: Summary): Promise<void> {
  for (const pause of AGAIN_MS) {
    await new Promise((done) => setTimeout(done, pause))
    try {
      await api.keepQuality(call, sounded)
      return
    } catch (error) {
      if (error instanceof ApiError && error.status !== 404 && error.status !== 0) return
    }
  }
}
