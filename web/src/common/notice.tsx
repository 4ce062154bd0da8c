/** A short sentence at the bottom when something a person asked for worked, or did not. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import { useI18n } from '@/i18n'
import classes from './notice.module.css'
import { sentence } from './states'

interface Notices {
  say(text: string, bad?: boolean): void
  /** Runs an action and says so when it fails. Gives whether it worked. */
  attempt(action: () => Promise<unknown>): Promise<boolean>
}

const Context = createContext<Notices | null>(null)
const SHOWN_MS = 5000

export function NoticeProvider({ children }: { children: ReactNode }) {
  const { t } = useI18n()
  const [notice, setNotice] = useState<{ text: string; bad: boolean; key: number } | null>(null)

  useEffect(() => {
    if (!notice) return
    const timer = setTimeout(() => setNotice(null), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [notice])

  const say = useCallback((text: string, bad = false) => setNotice({ text, bad, key: Date.now() }), [])
  const attempt = useCallback(
    async (action: () => Promise<unknown>) => {
      try {
        await action()
        return true
      } catch (error) {
        say(t('action.failed', { why: sentence(error, t) }), true)
        return false
      }
    },
    [say, t],
  )
  const value = useMemo(() => ({ say, attempt }), [say, attempt])
  return (
    <Context value={value}>
      {children}
      <div aria-live="polite" className={classes['place']}>
        {notice ? (
          <div
            key={notice.key}
            className={classes['notice']}
            data-bad={notice.bad || undefined}
            data-testid="notice"
          >
            {notice.text}
          </div>
        ) : null}
      </div>
    </Context>
  )
}

export function useNotice(): Notices {
  const value = useContext(Context)
  if (!value) throw new Error('useNotice stands outside NoticeProvider')
  return value
}
