import { useEffect, useRef, useState } from 'react'
import { useNotice } from '@/common/notice'
import { sentence } from '@/common/states'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { useLive, useLiveStore } from '@/stream/live'
import { DeskPhone } from './desk-phone'

/** The desk phone of an agent without a browser phone; null for everybody else. */
export function useDeskPhone(): DeskPhone | null {
  const { user, phone: account, may } = useSession()
  const { t } = useI18n()
  const { say } = useNotice()
  const store = useLiveStore()
  const [phone, setPhone] = useState<DeskPhone | null>(null)
  const wanted = !account && user.agent !== null && may('use_desk')
  const told = useRef<(error: unknown) => void>(() => undefined)
  told.current = (error) => say(t('action.failed', { why: sentence(error, t) }), true)

  useEffect(() => {
    if (!wanted) return
    const made = new DeskPhone({
      refused: (error) => told.current(error),
      ahead: () => (store ? store.now() - Date.now() / 1000 : 0),
      nameOf: (call) => {
        const pop = store?.snapshot().pops.find((one) => one.call === call)
        return pop?.customer?.name ?? pop?.name ?? ''
      },
    })
    setPhone(made)
    return () => {
      made.stop()
      setPhone(null)
    }
  }, [wanted, store])

  // Null after every new connection: what was told meanwhile is asked for.
  const calls = useLive((state) => state.calls)
  useEffect(() => {
    if (calls) phone?.told(calls)
    else void phone?.look()
  }, [phone, calls])
  return phone
}
