/** What a point of a scale means, however the scorecard wrote it: texts in order, or entries naming their value. */
import type { Language } from '@/api/types'

export function anchorText(anchors: unknown[] | null | undefined, value: number, language: Language): string {
  if (!anchors) return ''
  const named = anchors.find((anchor) => isRecord(anchor) && anchor['value'] === value)
  return text(named ?? (anchors.every((anchor) => !hasValue(anchor)) ? anchors[value] : undefined), language)
}

function hasValue(anchor: unknown): boolean {
  return isRecord(anchor) && 'value' in anchor
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function text(anchor: unknown, language: Language): string {
  if (typeof anchor === 'string') return anchor
  if (!isRecord(anchor)) return ''
  if ('text' in anchor) return text(anchor['text'], language)
  const words = anchor[language] ?? anchor['en']
  return typeof words === 'string' ? words : ''
}
