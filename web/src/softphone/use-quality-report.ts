import { useEffect, useRef } from 'react'
import { ApiError, api } from '@/api/client'
import { useSession } from '@/session/session'
import { useLive } from '@/stream/live'
import { Conversations } from './conversations'
import type { Summary } from './mos'
import { usePhoneState, useSoftphone } from './provider'

/** The call of this moment is written down a little after it is over. */
const AGAIN_MS = [0, 3000, 15_000]

/** Tells the server how each conversation sounded. A call it does not know (a colleague rung by number) is let go. */
export function useQualityReport(): void {
  const { user } = useSession()
  const phone = useSoftphone()
  const state = usePhoneState()
  const popped = useLive((live) => live.pops.find((pop) => pop.state === 'answered')?.call ?? null)
  const listed = useLive((live) => live.floor?.agents.find((row) => row.agent === user.agent)?.call ?? null)
  const conversations = useRef(new Conversations())
  const [call, other] = [state?.call, state?.other]

  useEffect(() => {
    const lines = [call, other].filter((line) => line != null)
    conversations.current.see(lines, popped ?? listed ?? null)
  }, [call, other, popped, listed])

  useEffect(() => {
    if (!phone) return
    phone.ended = (sounded) => {
      const of = sounded && conversations.current.ended(sounded.seconds, Date.now())
      if (of && sounded) void keep(of, sounded)
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
