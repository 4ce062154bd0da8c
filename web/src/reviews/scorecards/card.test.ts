import { describe, expect, it } from 'vitest'
import { mended, moved, newCard, newItem, newSection, renamed, weightOf } from './card'

describe('a scorecard while it is written', () => {
  const card = newCard()

  it('gives a new section what is left of 100, and names that are free', () => {
    const first = { ...newSection(card), weight: 60 }
    const one = { ...card, sections: [first] }
    expect(newSection(one)).toMatchObject({ id: 'section-2', weight: 40 })
    expect(newItem({ ...card, sections: [{ ...first, items: [newItem(card)] }] }).id).toBe('item-2')
  })

  it('adds up thirds to 100', () => {
    const third = { ...newSection(card), weight: 33.333 }
    expect(weightOf({ ...card, sections: [third, third, { ...third, weight: 33.334 }] })).toBe(100)
  })

  it('takes from an item what no longer goes with it', () => {
    const scale = mended({ ...newItem(card), kind: 'scale', comment_when: ['no', 'na'] })
    expect(scale.anchors).toHaveLength(5)
    expect(scale.comment_when).toEqual(['na'])
    const critical = mended({ ...scale, critical: 'business', comment_when: [0, 'no'] })
    expect(critical).toMatchObject({ kind: 'yes_no', weight: 0, anchors: [], comment_when: ['no'] })
    expect(mended({ ...critical, critical: null }).weight).toBe(1)
  })

  it('moves within its bounds', () => {
    expect(moved([1, 2, 3], 0, 1)).toEqual([2, 1, 3])
    expect(moved([1, 2, 3], 0, -1)).toEqual([1, 2, 3])
    expect(moved([1, 2, 3], 2, 1)).toEqual([1, 2, 3])
  })

  it('lets conditions follow a new name', () => {
    const hanging = { ...newItem(card), shown_when: { item: 'a', values: ['no' as const] } }
    const changed = renamed({ ...card, sections: [{ ...newSection(card), items: [hanging] }] }, 'a', 'b')
    expect(changed.sections[0]?.items[0]?.shown_when?.item).toBe('b')
  })
})
