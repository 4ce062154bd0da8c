/** Keeps the softphone registered whatever page is open; its code is loaded only for those who have one. */
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { useSession } from '@/session/session'
import type { PhoneState, Softphone } from './phone'

const Context = createContext<Softphone | null>(null)

export function SoftphoneProvider({ children }: { children: ReactNode }) {
  const { phone: account } = useSession()
  const sound = useRef<HTMLAudioElement>(null)
  const [phone, setPhone] = useState<Softphone | null>(null)

  useEffect(() => {
    if (!account) return
    let made: Softphone | null = null
    let gone = false
    void import('./phone').then((module) => {
      if (gone || !sound.current) return
      made = new module.Softphone(account, sound.current)
      made.start()
      setPhone(made)
    })
    const leave = () => made?.stop()
    window.addEventListener('pagehide', leave)
    return () => {
      gone = true
      window.removeEventListener('pagehide', leave)
      made?.stop()
      setPhone(null)
    }
  }, [account])

  return (
    <Context value={phone}>
      {children}
      {/* biome-ignore lint/a11y/useMediaCaption: a live voice has no captions */}
      <audio ref={sound} autoPlay data-testid="remote-audio" />
    </Context>
  )
}

export function useSoftphone(): Softphone | null {
  return useContext(Context)
}

const never = () => () => {}
const nothing = () => null

export function usePhoneState(): PhoneState | null {
  const phone = useContext(Context)
  return useSyncExternalStore<PhoneState | null>(
    phone ? phone.subscribe : never,
    phone ? phone.snapshot : nothing,
  )
}
