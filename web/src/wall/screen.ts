/** What makes a browser a screen on the wall: its own languages and colours, and no sleep. */
import { useEffect, useMemo, useState } from 'react'
import { type Params, type TextKey, translate, useI18n } from '@/i18n'
import { useLinkStatus } from '@/stream/live'

export type Say = (key: TextKey, params?: Params) => string[]

/** One line for each language of `?lang=`: en, zh or both; without it the browser's own. */
export function useSay(wanted: string): Say {
  const { language } = useI18n()
  return useMemo(() => {
    const spoken =
      wanted === 'both' ? (['en', 'zh'] as const) : [wanted === 'zh' || wanted === 'en' ? wanted : language]
    return (key, params) => [...new Set(spoken.map((one) => translate(one, key, params)))]
  }, [wanted, language])
}

/** Colours of this screen alone; the browser's choice for the other pages stays. */
export function useScheme(wanted: string): void {
  useEffect(() => {
    if (wanted !== 'dark' && wanted !== 'light') return
    const root = document.documentElement
    const before = root.getAttribute('data-mantine-color-scheme')
    root.setAttribute('data-mantine-color-scheme', wanted)
    return () => {
      if (before) root.setAttribute('data-mantine-color-scheme', before)
    }
  }, [wanted])
}

/** The screen stays on while this page is seen; a browser that cannot is set up by its owner. */
export function useAwake(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined
    let ended = false
    const take = async () => {
      if (document.visibilityState !== 'visible') return
      const held = await navigator.wakeLock?.request('screen').catch(() => undefined)
      if (ended) void held?.release()
      else lock = held
    }
    void take()
    document.addEventListener('visibilitychange', take) // the browser takes it away from a hidden page
    return () => {
      ended = true
      document.removeEventListener('visibilitychange', take)
      void lock?.release()
    }
  }, [])
}

const PATIENCE_MS = 4000

/** The connection has been away for longer than a blink: the numbers are old. */
export function useAway(): boolean {
  const status = useLinkStatus()
  const [away, setAway] = useState(false)
  useEffect(() => {
    if (status === 'live') {
      setAway(false)
      return
    }
    const timer = setTimeout(() => setAway(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [status])
  return away
}
