import { describe, expect, it } from 'vitest'
import type { Scorecard } from '@/api/types'
import { anchorText } from './anchors'
import { complete, moments, noted, unanswered } from './answers'

const words = { en: 'x', zh: 'x' }
const card: Scorecard = {
  id: 'inbound',
  version: 1,
  title: words,
  pass_mark: 80,
  sections: [
    {
      id: 's',
      title: words,
      weight: 100,
      items: ['a', 'b'].map((id) => ({ id, text: words, kind: 'yes_no', critical: null })),
    },
  ],
}

describe('a draft', () => {
  it('counts an item as answered only when it has a value', () => {
    const draft = noted(noted({}, 'a', { comment: 'hm' }), 'b', { value: 0 })
    expect(unanswered(card, complete(draft)).map((item) => item.id)).toEqual(['a'])
  })

  it('sends values with their comment and moment, and nothing empty', () => {
    const draft = noted(noted({}, 'a', { value: 'no', comment: '  late ', at_seconds: 0 }), 'b', {
      value: 'na',
      comment: ' ',
    })
    expect(complete(draft)).toEqual({
      a: { value: 'no', comment: 'late', at_seconds: 0 },
      b: { value: 'na' },
    })
    expect(moments(draft)).toEqual([0])
  })

  it('forgets a moment that was taken back', () => {
    const draft = noted(noted({}, 'a', { value: 'yes', at_seconds: 3 }), 'a', { at_seconds: null })
    expect(complete(draft)).toEqual({ a: { value: 'yes' } })
  })
})

describe('anchors of a scale', () => {
  it('are found in a list of texts, of translations, or by their value', () => {
    expect(anchorText(['bad', 'poor'], 1, 'en')).toBe('poor')
    expect(anchorText([{ en: 'bad', zh: '差' }], 0, 'zh')).toBe('差')
    expect(anchorText([{ value: 4, text: { en: 'top', zh: '优' } }], 4, 'zh')).toBe('优')
    expect(anchorText([{ value: 4, text: 'top' }], 0, 'en')).toBe('')
    expect(anchorText(null, 0, 'en')).toBe('')
  })
})
