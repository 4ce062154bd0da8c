/** A plan's numbers, as the server writes them in one line, in the reader's words. */
import type { I18n } from '@/i18n'

export function ruleText(rule: string, { t, word }: Pick<I18n, 't' | 'word'>): string {
  const [name, number] = rule.split(' ')
  if (name === 'share') return t('cover.rule.share', { n: `${Math.round(Number(number) * 1000) / 10}%` })
  if (name === 'margin') return t('cover.rule.margin', { n: `${Math.round(Number(number) * 1000) / 10}%` })
  const most = /^at most (\d+)$/.exec(rule)
  if (most) return t('cover.rule.most', { n: most[1] ?? '' })
  const strata = /^size (\d+), at least (\d+), by (.*)$/.exec(rule)
  if (!strata) return rule
  const by = (strata[3] ?? '').split(' ').map((trait) => word('trait', trait))
  return t('cover.rule.strata', { n: strata[1] ?? '', least: strata[2] ?? '', by: by.join(', ') })
}
