/** What a reviewer has said so far. Pure. */
import type { Answer, Answers, AnswerValue, Scorecard, ScorecardItem } from '@/api/types'

export function itemsOf(card: Scorecard): ScorecardItem[] {
  return card.sections.flatMap((section) => section.items)
}

/** The items that are asked when these are the answers: what is not asked, asks nothing further. */
export function asked(card: Scorecard, answers: Record<string, Partial<Answer>>): ScorecardItem[] {
  const items = new Map(itemsOf(card).map((item) => [item.id, item]))
  const isAsked = (item: ScorecardItem, from: string[]): boolean => {
    const needed = item.shown_when
    if (!needed) return true
    const other = items.get(needed.item)
    const value = answers[needed.item]?.value
    if (!other || value === undefined || from.includes(other.id)) return false
    return needed.values.includes(value) && isAsked(other, [...from, item.id])
  }
  return [...items.values()].filter((item) => isAsked(item, []))
}

/** What an item still needs said: its value. */
export function unanswered(card: Scorecard, answers: Answers): ScorecardItem[] {
  return asked(card, answers).filter((item) => answers[item.id] === undefined)
}

export function answered(answers: Answers, item: string, value: AnswerValue): Answers {
  return { ...answers, [item]: { ...answers[item], value } }
}

/** Answers that the scorecard wants explained, and that are not. */
export function unexplained(card: Scorecard, answers: Answers): ScorecardItem[] {
  return asked(card, answers).filter((item) => {
    const answer = answers[item.id]
    return answer !== undefined && item.comment_when.includes(answer.value) && !answer.comment
  })
}

/** A comment or a moment before the value: it waits in the draft until the value is chosen. */
export type Draft = Record<string, Partial<Answer>>

export function noted(draft: Draft, item: string, part: Partial<Answer>): Draft {
  return { ...draft, [item]: { ...draft[item], ...part } }
}

/** Only complete answers travel; empty comments and absent moments stay home. */
export function complete(draft: Draft): Answers {
  const answers: Answers = {}
  for (const [item, { value, comment, at_seconds }] of Object.entries(draft)) {
    if (value === undefined) continue
    const answer: Answer = { value }
    if (comment?.trim()) answer.comment = comment.trim()
    if (at_seconds !== null && at_seconds !== undefined) answer.at_seconds = at_seconds
    answers[item] = answer
  }
  return answers
}

export function moments(draft: Draft): number[] {
  return Object.values(draft)
    .map((answer) => answer.at_seconds)
    .filter((at): at is number => typeof at === 'number')
}
