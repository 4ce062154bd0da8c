/** Keeps the softphone registered whatever page is open; its code is loaded only for those who have one. */
import { VisuallyHidden } from '@mantine/core'
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import type { Softphone } from './phone'
import type { PhoneState } from './state'
import { useQualityReport } from './use-quality-report'
import { announcement } from './words'

export type Pane = 'keypad' | 'transfer' | null

interface Given {
  phone: Softphone | null
  /** What stands open below the buttons. */
  pane: Pane
  open: (pane: Pane) => void
}

const Context = createContext<Given>({ phone: null, pane: null, open: () => undefined })

export function SoftphoneProvider({ children }: { children: ReactNode }) {
  const { phone: account } = useSession()
  const [phone, setPhone] = useState<Softphone | null>(null)
  const [pane, open] = useState<Pane>(null)

  useEffect(() => {
    if (!account) return
    let made: Softphone | null = null
    let gone = false
    void import('./phone').then((module) => {
      if (gone) return
      made = new module.Softphone(account)
      made.start()
      setPhone(made)
    })
    const leave = () => made?.leavePage()
    window.addEventListener('pagehide', leave)
    return () => {
      gone = true
      window.removeEventListener('pagehide', leave)
      made?.stop()
      setPhone(null)
    }
  }, [account])

  return (
    <Context value={{ phone, pane, open }}>
      {children}
      {phone ? <Announcer /> : null}
    </Context>
  )
}

/** For those who hear the page: what became of the call, once it changes. */
function Announcer() {
  const { t } = useI18n()
  const state = usePhoneState()
  useQualityReport()
  const [spoke, setSpoke] = useState(false)
  const text = state ? announcement(state, t) : ''
  useEffect(() => {
    if (text) setSpoke(true)
  }, [text])
  return (
    <VisuallyHidden role="status" data-testid="phone-announcement">
      {text || (spoke ? t('phone.say.ended') : '')}
    </VisuallyHidden>
  )
}

export function useSoftphone(): Softphone | null {
  return useContext(Context).phone
}

export function usePane(): [Pane, (pane: Pane) => void] {
  const { pane, open } = useContext(Context)
  return [pane, open]
}

const never = () => () => {}
const nothing = () => null

export function usePhoneState(): PhoneState | null {
  const phone = useSoftphone()
  return useSyncExternalStore<PhoneState | null>(
    phone ? phone.subscribe : never,
    phone ? phone.snapshot : nothing,
  )
}
