/** One hand on the keyboard: j and k move through the questions, h, l and p through the sound, y n x and 0 to 4 answer, m marks the
 * moment, c comments and Escape ends the comment; with Ctrl, Enter saves.
 */
import { type RefObject, useEffect } from 'react'
import type { Answer, AnswerValue, Scorecard } from '@/api/types'
import type { PlayerControl } from '@/recordings/player'
import { itemsOf } from './answers'

const STEP_SECONDS = 5

const VALUES: Record<string, AnswerValue> = {
  y: 'yes',
  n: 'no',
  x: 'na',
  '0': 0,
  '1': 1,
  '2': 2,
  '3': 3,
  '4': 4,
}

function row(item: string): HTMLElement | null {
  return document.querySelector(`[data-testid=score-item][data-item="${CSS.escape(item)}"]`)
}

function focused(): string | undefined {
  return document.activeElement?.closest<HTMLElement>('[data-testid=score-item]')?.dataset['item']
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  const typed = target instanceof HTMLInputElement && target.type !== 'radio'
  return typed || target instanceof HTMLTextAreaElement || target.isContentEditable
}

/** The answer that is given, else the first of the choices. */
function focus(item: HTMLElement | null): void {
  const input = item?.querySelector<HTMLInputElement>('input:checked') ?? item?.querySelector('input')
  input?.focus()
  item?.scrollIntoView({ block: 'nearest' })
}

/** Whether the key was for the sound. */
function heard(key: string, player: PlayerControl | null): boolean {
  if (key === 'h') player?.jump(player.now() - STEP_SECONDS)
  else if (key === 'l') player?.jump(player.now() + STEP_SECONDS)
  else if (key === 'p') player?.toggle()
  else return false
  return true
}

interface Keyed {
  card: Scorecard
  /** Null: nothing is to be answered. */
  change: ((item: string, part: Partial<Answer>) => void) | null
  player: RefObject<PlayerControl | null>
  /** Null while something is missing. */
  save: (() => void) | null
}

export function useKeys({ card, change, player, save }: Keyed): void {
  useEffect(() => {
    if (!change) return
    const pressed = (event: KeyboardEvent) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save?.()
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === 'Escape' && event.target instanceof HTMLTextAreaElement) {
        focus(event.target.closest<HTMLElement>('[data-testid=score-item]'))
      }
      if (isTyping(event.target)) return
      if (heard(event.key, player.current)) {
        event.preventDefault()
        return
      }
      const items = itemsOf(card).filter((item) => row(item.id)) // not every question is asked
      const at = items.findIndex((item) => item.id === focused())
      if (event.key === 'j' || event.key === 'k') {
        const next = items[event.key === 'j' ? Math.min(items.length - 1, at + 1) : Math.max(0, at - 1)]
        if (next) {
          focus(row(next.id))
          event.preventDefault()
        }
        return
      }
      const item = items[at]
      if (!item) return
      const value = VALUES[event.key]
      const taken =
        item.kind === 'scale' ? typeof value === 'number' || value === 'na' : typeof value === 'string'
      if (value !== undefined && taken) change(item.id, { value })
      else if (event.key === 'm')
        change(item.id, { at_seconds: Math.round((player.current?.now() ?? 0) * 10) / 10 })
      else if (event.key === 'c') {
        row(item.id)?.querySelector<HTMLElement>('[data-testid=score-comment-add], textarea')?.click()
        row(item.id)?.querySelector('textarea')?.focus()
      } else return
      event.preventDefault()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [card, change, player, save])
}
