import { describe, expect, it } from 'vitest'
import type { Scorecard } from '@/api/types'
import { anchorText } from './anchors'
import { complete, moments, noted, unanswered, unexplained } from './answers'

const words = { en: 'x', zh: 'x' }
const card: Scorecard = {
  id: 'inbound',
  version: 1,
  title: words,
  pass_mark: 80,
  queues: null,
  sections: [
    {
      id: 's',
      title: words,
      weight: 100,
      items: ['a', 'b'].map((id) => ({
        id,
        text: words,
        kind: 'yes_no',
        critical: null,
        anchors: [],
        comment_when: ['no'],
        help: null,
        weight: 1,
      })),
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

describe('explanations', () => {
  it('are wanted for the answers the scorecard names, and only there', () => {
    const asked = (draft: Parameters<typeof complete>[0]) =>
      unexplained(card, complete(draft)).map((item) => item.id)
    expect(asked({ a: { value: 'no' }, b: { value: 'yes' } })).toEqual(['a'])
    expect(asked({ a: { value: 'no', comment: '  ' } })).toEqual(['a'])
    expect(asked({ a: { value: 'no', comment: 'rude' } })).toEqual([])
  })
})

describe('anchors of a scale', () => {
  it('speak the language of the reader', () => {
    expect(anchorText([{ en: 'bad', zh: '差' }], 0, 'zh')).toBe('差')
    expect(anchorText([], 3, 'en')).toBe('')
  })
})
