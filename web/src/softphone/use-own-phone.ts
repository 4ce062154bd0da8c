/** The softphone of whoever is signed in, in the one tab that has it; its code is loaded only for those who have one. */
import { useEffect, useRef, useState } from 'react'
import type { Phone as Account } from '@/api/types'
import { isTalking, leaveBehind, pickUp } from './keeper'
import type { Softphone } from './phone'
import { TabLock } from './tab-lock'

const TRY_AGAIN_MS = [1000, 4000]

export interface OwnPhone {
  phone: Softphone | null
  /** Why there is none; empty while it starts, and once it is there. */
  trouble: string
  /** Another tab of this browser has it. */
  elsewhere: boolean
  /** Takes it here; false while a call goes on in the other tab. */
  take(): Promise<boolean>
}

export function useOwnPhone(account: Account | null): OwnPhone {
  const [phone, setPhone] = useState<Softphone | null>(null)
  const [trouble, setTrouble] = useState('')
  const [elsewhere, setElsewhere] = useState(false)
  const lockNow = useRef<TabLock | null>(null)
  const accountNow = useRef(account)
  accountNow.current = account
  const uri = account?.sip_uri // a new name or password is no reason to end a call

  useEffect(() => {
    if (!uri) return
    let made: Softphone | null = null
    let gone = false
    const show = (next: Softphone | null) => {
      made = next
      setPhone(next)
    }
    const begin = async () => {
      setElsewhere(false)
      try {
        const next = await make(() => (gone ? null : accountNow.current))
        if (!next) return
        next.start()
        show(next)
      } catch (error) {
        setTrouble(error instanceof Error ? error.message : String(error))
      }
    }
    const turn = {
      mine: () => void begin(),
      elsewhere: () => setElsewhere(true),
      taken: () => {
        made?.stop()
        show(null)
        setElsewhere(true)
      },
      inCall: () => made !== null && made.snapshot().call !== null,
    }
    const kept = pickUp(uri)
    const lock = kept?.lock ?? new TabLock(`tierline-phone ${uri}`, turn)
    lock.turn = turn
    lockNow.current = lock
    if (kept) show(kept.phone)
    else lock.start()
    const leave = () => made?.leavePage()
    window.addEventListener('pagehide', leave)
    return () => {
      gone = true
      window.removeEventListener('pagehide', leave)
      if (made && isTalking(made)) leaveBehind({ uri, phone: made, lock })
      else {
        made?.stop()
        lock.end()
      }
      lockNow.current = null
      setPhone(null)
      setElsewhere(false)
      setTrouble('')
    }
  }, [uri])

  const take = () => lockNow.current?.take() ?? Promise.resolve(false)
  return { phone, trouble, elsewhere, take }
}

/** Null when it is no longer wanted. Throws what the browser or JsSIP said the last time. */
async function make(wanted: () => Account | null): Promise<Softphone | null> {
  for (const pause of TRY_AGAIN_MS) {
    try {
      return await once(wanted)
    } catch {
      await new Promise((done) => setTimeout(done, pause))
    }
  }
  return once(wanted)
}

async function once(wanted: () => Account | null): Promise<Softphone | null> {
  const { Softphone } = await import('./phone')
  const account = wanted()
  return account ? new Softphone(account) : null
}
