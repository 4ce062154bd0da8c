import { describe, expect, it } from 'vitest'
import { ruleText } from './rule'

const words = {
  t: (key: string, values?: Record<string, unknown>) => [key, ...Object.values(values ?? {})].join(' '),
  word: (_: string, value: string) => value.toUpperCase(),
} as unknown as Parameters<typeof ruleText>[1]

describe('the numbers of a plan', () => {
  it('are told in words', () => {
    expect(ruleText('share 0.25', words)).toBe('cover.rule.share 25%')
    expect(ruleText('margin 0.05', words)).toBe('cover.rule.margin 5%')
    expect(ruleText('at most 20', words)).toBe('cover.rule.most 20')
    expect(ruleText('size 40, at least 1, by agent tier', words)).toBe('cover.rule.strata 40 1 AGENT, TIER')
  })
  it('stay as they are where they are not known', () => {
    expect(ruleText('', words)).toBe('')
    expect(ruleText('every second', words)).toBe('every second')
  })
})
