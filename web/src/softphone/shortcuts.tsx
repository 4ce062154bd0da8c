/** The phone by keys, on every page. Off while somebody types, and for whoever switches them off (WCAG 2.1.4). */
import { Kbd, Modal, Switch } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { useOwn, useStateChange } from '@/desk/own-state'
import { type TextKey, useI18n } from '@/i18n'
import { useButtons, useButtonsState, usePane } from './provider'
import classes from './softphone.module.css'

const KEPT = 'tierline.keys-off'
const ASKED = 'tierline-keys'

/** Inputs nobody types into; after a click on one the keys go on. */
const CLICKED = ['checkbox', 'radio', 'button', 'submit', 'reset', 'file']
const ASIDE = '[role=menu], [role=dialog]'

const LIST: [string, TextKey][] = [
  ['A', 'keys.answer'],
  ['E', 'keys.hangup'],
  ['H', 'keys.hold'],
  ['M', 'keys.mute'],
  ['T', 'keys.transfer'],
  ['S', 'keys.swap'],
  ['P', 'keys.complete'],
  ['C', 'keys.join'],
  ['K', 'keys.keypad'],
  ['R', 'keys.ready'],
  ['?', 'keys.help'],
]

export function askForKeys(): void {
  window.dispatchEvent(new Event(ASKED))
}

/** Whether what is pressed is meant for the page, and not for a field, a menu or the browser. */
export function isForThePage(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return false
  const target = event.target
  if (!(target instanceof HTMLElement)) return true
  if (target instanceof HTMLInputElement && CLICKED.includes(target.type)) return !target.closest(ASIDE)
  return !target.isContentEditable && !target.closest(`input, textarea, select, ${ASIDE}`)
}

export function Shortcuts({ agent }: { agent: string }) {
  const { t } = useI18n()
  const phone = useButtons()
  const state = useButtonsState()
  const [pane, open] = usePane()
  const own = useOwn(agent)
  const { ready, finish } = useStateChange(agent)
  const { pathname } = useLocation()
  const navigate = useNavigate()
  const [listed, setListed] = useState(false)
  const [off, setOff] = useState(() => localStorage.getItem(KEPT) !== null)

  useEffect(() => {
    const call = state?.call
    const talking = call?.phase === 'talking'
    const two = talking && !!state?.other && !state.conference
    const show = (next: 'keypad' | 'transfer') => {
      open(next)
      if (pathname !== '/desk') void navigate('/desk')
    }
    const acts: Record<string, () => unknown> = {
      a: () => void phone?.answer(),
      e: () => phone?.hangUp(),
      h: () => talking && void phone?.hold(!call.held),
      m: () => talking && phone?.mute(!call.muted),
      t: () => talking && !state?.other && show('transfer'),
      s: () => two && void phone?.swap(),
      p: () => two && phone?.complete(),
      c: () => two && void phone?.join(),
      k: () => talking && (pane === 'keypad' ? open(null) : show('keypad')),
      r: () => {
        if (own?.state === 'working_after_call') void finish()
        else if (own?.state === 'not_ready' || own?.state === 'logged_off') void ready()
      },
    }
    const press = (event: KeyboardEvent) => {
      if (listed || !isForThePage(event)) return // the list may not have taken the focus yet
      const tone = talking && pane === 'keypad' && /^[\d*#]$/.test(event.key)
      const own = tone ? () => phone?.tone(event.key) : acts[event.key.toLowerCase()]
      const act = event.key === '?' ? () => setListed(true) : off ? undefined : own
      if (!act) return
      event.preventDefault()
      act()
    }
    const asked = () => setListed(true)
    window.addEventListener('keydown', press)
    window.addEventListener(ASKED, asked)
    return () => {
      window.removeEventListener('keydown', press)
      window.removeEventListener(ASKED, asked)
    }
  }, [phone, state, pane, own?.state, off, listed, pathname, navigate, open, ready, finish])

  const turn = (on: boolean) => {
    setOff(!on)
    if (on) localStorage.removeItem(KEPT)
    else localStorage.setItem(KEPT, 'yes')
  }
  return (
    <Modal
      opened={listed}
      onClose={() => setListed(false)}
      title={t('keys.title')}
      closeButtonProps={{ 'aria-label': t('phone.dismiss') }}
      data-testid="keys"
    >
      <dl className={classes['keys']}>
        {LIST.map(([key, text]) => (
          <div key={key}>
            <dt>
              <Kbd>{key}</Kbd>
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
      <Switch
        label={t('keys.on')}
        description={t('keys.never')}
        checked={!off}
        onChange={(event) => turn(event.currentTarget.checked)}
        data-testid="keys-on"
      />
    </Modal>
  )
}
