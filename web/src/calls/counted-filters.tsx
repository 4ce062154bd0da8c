/** What a row stands for: a call, or one of the things that figures count, as a number of the floor leads here. */
import { Select } from '@mantine/core'
import type { Filters } from '@/common/use-filters'
import { count } from '@/format'
import { useI18n } from '@/i18n'
import classes from './counted-filters.module.css'

const EACH = ['call', 'visit', 'segment', 'blocked'] as const
const FATES = ['waiting', 'answered', 'abandoned', 'flowed_out', 'lost'] as const
const WAITED = ['within', 'beyond'] as const

export function CountedFilters({ filters, total }: { filters: Filters; total: number | undefined }) {
  const { t } = useI18n()
  const each = EACH.find((one) => one === filters.get('each')) ?? 'call'
  return (
    <>
      <Select
        className={classes['each'] ?? ''}
        aria-label={t('calls.each')}
        data={EACH.map((one) => ({ value: one, label: t(`calls.each.${one}`) }))}
        value={each}
        allowDeselect={false}
        onChange={(next) =>
          filters.setMany({ each: next === 'call' ? null : next, fate: null, waited: null, search: null })
        }
        data-testid="filter-each"
      />
      {each === 'visit' ? (
        <>
          <Select
            className={classes['of'] ?? ''}
            aria-label={t('calls.fate')}
            placeholder={t('calls.fate')}
            data={FATES.map((one) => ({ value: one, label: t(`fate.${one}`) }))}
            value={filters.get('fate') || null}
            onChange={(next) => filters.set('fate', next)}
            clearable
            data-testid="filter-fate"
          />
          <Select
            className={classes['of'] ?? ''}
            aria-label={t('calls.waited')}
            placeholder={t('calls.waited')}
            data={WAITED.map((one) => ({ value: one, label: t(`waited.${one}`) }))}
            value={filters.get('waited') || null}
            onChange={(next) => filters.set('waited', next)}
            clearable
            data-testid="filter-waited"
          />
        </>
      ) : null}
      {each !== 'call' && total !== undefined ? (
        <strong className="num" data-testid="calls-counted">
          {t('calls.counted', { total: count(total) })}
        </strong>
      ) : null}
    </>
  )
}
