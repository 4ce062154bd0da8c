import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '@/api/client'
import type { Coefficient, SatisfactionReport } from '@/api/types-quality'
import { BackLink } from '@/common/back-link'
import { FilterBar } from '@/common/filter-bar'
import { IconChartDots } from '@/common/icons'
import { Facts, PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { useFilters } from '@/common/use-filters'
import { count } from '@/format'
import { type TextKey, useI18n } from '@/i18n'
import { DissatisfiedCalls } from './dissatisfied-calls'
import { ItemLinks } from './item-links'
import classes from './satisfaction.module.css'

export default function SatisfactionPage() {
  const { t } = useI18n()
  const filters = useFilters('month')
  const query = {
    ...filters.bounds,
    queue: filters.get('queue'),
    agent: filters.get('agent'),
    tier: filters.get('tier'),
  }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['satisfaction', query],
    queryFn: () => api.satisfaction(query),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
  return (
    <div data-testid="satisfaction">
      <BackLink to="/reviews">{t('reviews.title')}</BackLink>
      <PageHead title={t('sat.title')} note={t('sat.sub')} />
      <Panel flush>
        <FilterBar
          filters={filters}
          periods={['week', 'month', 'all', 'own']}
          defaultPeriod="month"
          queue
          agent
          tier
        />
        {isPending ? <LoadingRows rows={6} /> : null}
        {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
        {data && data.answered === 0 ? (
          <EmptyNote
            title={t('sat.empty')}
            detail={t('sat.empty.detail')}
            icon={<IconChartDots size={22} stroke={1.6} />}
          />
        ) : null}
        {data && data.answered > 0 ? <Summary told={data} /> : null}
      </Panel>
      {data && data.answered > 0 ? (
        <>
          <Panel
            flush
            title={t('sat.list')}
            note={t('sat.list.note')}
            className={classes['below']}
            right={<b className="num">{count(data.quadrants.passed_dissatisfied)}</b>}
          >
            <DissatisfiedCalls calls={data.passed_and_dissatisfied} />
          </Panel>
          <Panel flush title={t('sat.items')} note={t('sat.items.note')} className={classes['below']}>
            <ItemLinks links={data.items} fewest={data.fewest} />
          </Panel>
        </>
      ) : null}
    </div>
  )
}

function Summary({ told }: { told: SatisfactionReport }) {
  const { t } = useI18n()
  const { correlation } = told
  const beyond = told.beyond > 0 ? ` · ${t('sat.beyond', { n: count(told.beyond) })}` : ''
  return (
    <div className={classes['summary']}>
      <div className={classes['facts']}>
        <Facts
          columns={1}
          items={[
            [
              t('sat.answered'),
              <span key="n" className="num" data-testid="sat-answered">
                {t('sat.of', { n: count(told.answered), all: count(told.reviews) })}
                {beyond}
              </span>,
            ],
            [t('sat.rho'), <Rho key="r" told={told} />],
          ]}
        />
        {correlation ? <p className={classes['verdict']}>{t(verdict(correlation))}</p> : null}
      </div>
      <Quadrants told={told} />
    </div>
  )
}

/** What a coefficient comes to, in words. */
function verdict(found: Coefficient): TextKey {
  if (!found.says_something) return 'sat.apart'
  return found.value > 0 ? 'sat.together' : 'sat.against'
}

function Rho({ told: { correlation, answered, fewest } }: { told: SatisfactionReport }) {
  const { t } = useI18n()
  if (!correlation) {
    return (
      <span className="quiet" data-testid="sat-rho">
        {answered < fewest ? t('sat.few', { n: fewest }) : t('sat.flat')}
      </span>
    )
  }
  const { value, low, high } = correlation
  return (
    <span className="num" data-testid="sat-rho">
      <b className={classes['rho']}>{value.toFixed(2)}</b>{' '}
      <span className="quiet">{t('sat.interval', { low: low.toFixed(2), high: high.toFixed(2) })}</span>
    </span>
  )
}

function Quadrants({ told }: { told: SatisfactionReport }) {
  const { t } = useI18n()
  const { quadrants } = told
  const rows = [
    ['passed', quadrants.passed_satisfied, quadrants.passed_dissatisfied],
    ['failed', quadrants.failed_satisfied, quadrants.failed_dissatisfied],
  ] as const
  return (
    <table className={classes['quadrants']} title={t('sat.low')} data-testid="sat-quadrants">
      <caption>{t('sat.quadrants')}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">{t('sat.satisfied')}</th>
          <th scope="col">{t('sat.dissatisfied')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, satisfied, dissatisfied]) => (
          <tr key={name} data-row={name}>
            <th scope="row">{t(`sat.${name}`)}</th>
            <td>{count(satisfied)}</td>
            <td>{count(dissatisfied)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
