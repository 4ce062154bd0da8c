/** One hand on the keyboard: j and k move through the questions, y n x and 0 to 4 answer, m marks the moment, c comments. */
import { useEffect } from 'react'
import type { Answer, AnswerValue, Scorecard } from '@/api/types'
import { itemsOf } from './answers'

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

export function useKeys(
  card: Scorecard,
  change: ((item: string, part: Partial<Answer>) => void) | null,
  now: () => number,
): void {
  useEffect(() => {
    if (!change) return
    const items = itemsOf(card)
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const at = items.findIndex((item) => item.id === focused())
      if (event.key === 'j' || event.key === 'k') {
        const next = items[event.key === 'j' ? Math.min(items.length - 1, at + 1) : Math.max(0, at - 1)]
        if (next) {
          const chosen = row(next.id)
          const input =
            chosen?.querySelector<HTMLInputElement>('input:checked') ?? chosen?.querySelector('input')
          input?.focus()
          chosen?.scrollIntoView({ block: 'nearest' })
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
      else if (event.key === 'm') change(item.id, { at_seconds: Math.round(now() * 10) / 10 })
      else if (event.key === 'c') {
        row(item.id)?.querySelector<HTMLElement>('[data-testid=score-comment-add], textarea')?.click()
        row(item.id)?.querySelector('textarea')?.focus()
      } else return
      event.preventDefault()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [card, change, now])
}
