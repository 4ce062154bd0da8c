import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Language, Pop, Satisfaction } from '@/api/types'
import { LanguageProvider } from '@/i18n'
import { LastSatisfaction } from './satisfaction'

const SAID: Satisfaction = {
  score: 2,
  scale: 5,
  low: true,
  answered_at: Date.now() / 1000,
  comment: 'Nobody called.',
}

function shown(satisfaction: Satisfaction | null, language: Language = 'en'): string {
  vi.stubGlobal('localStorage', { getItem: () => language })
  return renderToStaticMarkup(
    <LanguageProvider>
      <LastSatisfaction pop={{ satisfaction } as Pop} />
    </LanguageProvider>,
  )
}
const words = (page: string) => page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

describe('how content the caller was', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('is not mentioned when nobody knows', () => {
    expect(shown(null)).toBe('')
  })

  it('is marked by a word and a sign when it was low, with what he wrote behind it', () => {
    const page = shown(SAID)
    expect(words(page)).toContain('Last satisfaction 2 of 5 low ·')
    expect(page).toContain('<svg')
    expect(page).toContain('title="Nobody called."')
    expect(words(shown(SAID, 'zh'))).toContain('最近满意度 2 / 5 偏低 ·')
  })

  it('stands plain when it was good', () => {
    const page = shown({ ...SAID, score: 5, low: false, comment: '' })
    expect(words(page)).toContain('Last satisfaction 5 of 5 ·')
    expect(page).not.toMatch(/<svg|title=|data-low/)
  })
})
