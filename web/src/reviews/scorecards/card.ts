/** A scorecard while it is written: what changes in it, and how much its sections weigh together. Pure. */
import type { CardForm } from '@/api/quality'
import type { AnswerValue, Scorecard } from '@/api/types'

type SectionForm = CardForm['sections'][number]
type ItemForm = SectionForm['items'][number]
/** The server's forms, with answers spelt out. */
export type CardItem = Omit<ItemForm, 'comment_when' | 'shown_when'> & {
  comment_when: AnswerValue[]
  shown_when?: { item: string; values: AnswerValue[] } | null
}
export type CardSection = Omit<SectionForm, 'items'> & { items: CardItem[] }
export type Card = Omit<CardForm, 'sections'> & { sections: CardSection[] }
export type Words = CardForm['title']

export const SCALE: AnswerValue[] = [0, 1, 2, 3, 4]
const EMPTY: Words = { en: '', zh: '' }

/** As the server gives it, to be changed. */
export function formOf(card: Scorecard): Card {
  return structuredClone(card) as unknown as Card
}

export function newCard(): Card {
  return { id: '', version: 0, title: EMPTY, pass_mark: 80, queues: null, sections: [] }
}

export function newSection(card: Card): CardSection {
  return { id: freeId(card, 'section'), title: EMPTY, weight: Math.max(0, 100 - weightOf(card)), items: [] }
}

export function newItem(card: Card): CardItem {
  return {
    id: freeId(card, 'item'),
    text: EMPTY,
    kind: 'yes_no',
    critical: null,
    weight: 10,
    anchors: [],
    help: null,
    comment_when: [],
    shown_when: null,
  }
}

function freeId(card: Card, stem: string): string {
  const taken = new Set(card.sections.flatMap((one) => [one.id, ...one.items.map((item) => item.id)]))
  let number = 1
  while (taken.has(`${stem}-${number}`)) number += 1
  return `${stem}-${number}`
}

/** What the sections weigh together, to a thousandth: thirds that were typed make 100. */
export function weightOf(card: Card): number {
  const sum = card.sections.reduce((all, section) => all + section.weight, 0)
  return Math.round(sum * 1000) / 1000
}

export function allItems(card: Card): CardItem[] {
  return card.sections.flatMap((section) => section.items)
}

/** The answers an item can have, but for what does not apply. */
export function valuesOf(item: CardItem): AnswerValue[] {
  return item.kind === 'scale' ? SCALE : ['yes', 'no']
}

/** With what the change makes impossible taken away: anchors of a yes or no, the weight of a critical item. */
export function mended(item: CardItem): CardItem {
  const kind = item.critical ? 'yes_no' : item.kind
  const values: AnswerValue[] = [...valuesOf({ ...item, kind }), 'na']
  return {
    ...item,
    kind,
    weight: item.critical ? 0 : item.weight || 1,
    anchors: kind === 'scale' ? SCALE.map((_, step) => item.anchors?.[step] ?? EMPTY) : [],
    comment_when: (item.comment_when ?? []).filter((value) => values.includes(value)),
  }
}

export function moved<T>(list: readonly T[], from: number, by: number): T[] {
  const to = from + by
  const next = [...list]
  const [one] = next.splice(from, 1)
  if (one === undefined || to < 0 || to > next.length) return [...list]
  next.splice(to, 0, one)
  return next
}

export function replaced<T>(list: readonly T[], place: number, one: T): T[] {
  return list.map((old, index) => (index === place ? one : old))
}

export function without<T>(list: readonly T[], place: number): T[] {
  return list.filter((_, index) => index !== place)
}

/** The name of an item changed: the conditions that hang on it go with it. */
export function renamed(card: Card, from: string, to: string): Card {
  return {
    ...card,
    sections: card.sections.map((section) => ({
      ...section,
      items: section.items.map((item) =>
        item.shown_when?.item === from ? { ...item, shown_when: { ...item.shown_when, item: to } } : item,
      ),
    })),
  }
}
