/** One hand on the keyboard: space, arrows, [ and ] for the speed, M for a mark. */
import { type KeyboardEvent as ReactKeyboardEvent, useCallback, useEffect } from 'react'
import { speedBeside } from './spans'

interface Keyed {
  here(): number
  jump(seconds: number): void
  toggle(): void
  /** How fast it plays now, whatever was drawn of it. */
  speed(): number
  change(rate: number): void
  mark: ((seconds: number) => void) | undefined
  length: number
}

type Pressed = KeyboardEvent | ReactKeyboardEvent

/** Handles a key of the wave; `everywhere` also those of the page, while nobody writes or presses a button. */
export function usePlayerKeys(keyed: Keyed, everywhere: boolean): (event: Pressed) => void {
  const { here, jump, toggle, speed, change, mark, length } = keyed
  const press = useCallback(
    (event: Pressed) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const far = event.shiftKey ? 30 : 5
      if (event.key === ' ') toggle()
      else if (event.key === 'ArrowLeft') jump(here() - far)
      else if (event.key === 'ArrowRight') jump(here() + far)
      else if (event.key === 'Home') jump(0)
      else if (event.key === 'End') jump(length)
      else if (event.key === '[') change(speedBeside(speed(), -1))
      else if (event.key === ']') change(speedBeside(speed(), 1))
      else if (event.key.toLowerCase() === 'm' && mark) mark(here())
      else return
      event.preventDefault()
    },
    [here, jump, toggle, speed, change, mark, length],
  )
  useEffect(() => {
    if (!everywhere) return
    const listen = (event: KeyboardEvent) => {
      if (!isTaken(event.target, event.key)) press(event)
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [everywhere, press])
  return press
}

/** Whoever writes, chooses or presses means that, not the sound. */
function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target.closest('input, textarea, select, [role=dialog], [role=listbox]'))
    return true
  return key === ' ' && target.closest('button, a') !== null
}
