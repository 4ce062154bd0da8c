import { describe, expect, it } from 'vitest'
import { translate } from '.'

describe('what is counted', () => {
  it('is one thing, or things', () => {
    expect(translate('en', 'dispute.questions', { n: 1 })).toBe('1 question')
    expect(translate('en', 'dispute.questions', { n: 0 })).toBe('0 questions')
    expect(translate('zh', 'dispute.questions', { n: 1 })).toBe('1 个评分项')
  })

  it('stays a place when nothing is said of it', () => {
    expect(translate('en', 'dispute.questions', { other: 1 })).toBe('{n|question|questions}')
  })
})
