import type { Language, ScorecardItem } from '@/api/types'

/** What a point of a scale means; empty where the scorecard does not say. */
export function anchorText(anchors: ScorecardItem['anchors'], value: number, language: Language): string {
  return anchors[value]?.[language] ?? ''
}
