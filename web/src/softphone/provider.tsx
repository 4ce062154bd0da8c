/** Gives the softphone to the pages, and says what becomes of it; it is registered whatever page is open. */
import { VisuallyHidden } from '@mantine/core'
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import type { Buttons } from './buttons'
import type { Softphone } from './phone'
import type { PhoneState } from './state'
import { useDeskPhone } from './use-desk-phone'
import { type OwnPhone, useOwnPhone } from './use-own-phone'
import { useQualityReport } from './use-quality-report'
import { announcement } from './words'

export type Pane = 'keypad' | 'transfer' | null

interface Given {
  own: OwnPhone
  /** Of the phone in this page, or of the one on the desk. */
  buttons: Buttons | null
  /** What stands open below the buttons. */
  pane: Pane
  open: (pane: Pane) => void
}

const NONE: OwnPhone = { phone: null, trouble: '', elsewhere: false, take: () => Promise.resolve(false) }
const Context = createContext<Given>({ own: NONE, buttons: null, pane: null, open: () => undefined })

export function SoftphoneProvider({ children }: { children: ReactNode }) {
  const own = useOwnPhone(useSession().phone)
  const desk = useDeskPhone()
  const buttons = own.phone ?? desk
  const [pane, open] = useState<Pane>(null)
  return (
    <Context value={{ own, buttons, pane, open }}>
      {children}
      {buttons ? <Announcer /> : null}
    </Context>
  )
}

/** For those who hear the page: what became of the call, once it changes. */
function Announcer() {
  const { t } = useI18n()
  const state = useButtonsState()
  useQualityReport()
  const [, open] = usePane()
  const call = state?.call?.id
  // biome-ignore lint/correctness/useExhaustiveDependencies: what stood open belonged to the call before
  useEffect(() => open(null), [call, open])
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

export function useOwn(): OwnPhone {
  return useContext(Context).own
}

export function useSoftphone(): Softphone | null {
  return useOwn().phone
}

export function usePane(): [Pane, (pane: Pane) => void] {
  const { pane, open } = useContext(Context)
  return [pane, open]
}

const never = () => () => {}
const nothing = () => null

/** Of the phone in this page. */
export function usePhoneState(): PhoneState | null {
  return useStateOf(useSoftphone())
}

export function useButtons(): Buttons | null {
  return useContext(Context).buttons
}

/** Of whichever phone the agent has. */
export function useButtonsState(): PhoneState | null {
  return useStateOf(useButtons())
}

function useStateOf(phone: Buttons | null): PhoneState | null {
  return useSyncExternalStore<PhoneState | null>(
    phone ? phone.subscribe : never,
    phone ? phone.snapshot : nothing,
  )
}
