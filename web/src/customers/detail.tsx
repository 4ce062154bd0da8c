import { useQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { api } from '@/api/client'
import type { Customer } from '@/api/types'
import { AgentName } from '@/common/agent-name'
import { BackLink } from '@/common/back-link'
import { Facts, PageHead, Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { TierBadge } from '@/common/tier-badge'
import { day } from '@/format'
import { useI18n } from '@/i18n'
import { DialNumber } from '@/softphone/number'
import classes from './detail.module.css'
import { History, TierHistory } from './history'

export default function CustomerPage() {
  const { id = '' } = useParams()
  const { t } = useI18n()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['customer', id],
    queryFn: () => api.customer(id),
  })
  return (
    <>
      <BackLink to="/customers">{t('customers.title')}</BackLink>
      {isPending ? <LoadingRows rows={6} height={44} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} tall /> : null}
      {data ? <Person customer={data} /> : null}
    </>
  )
}

function Person({ customer }: { customer: Customer }) {
  const { t, word, language } = useI18n()
  const history = useQuery({
    queryKey: ['customer-timeline', customer.id],
    queryFn: () => api.customerTimeline(customer.id),
  })
  const lines = history.data?.items ?? []
  return (
    <div data-testid="customer-detail" data-customer={customer.id}>
      <PageHead
        title={
          <span className={classes['title']}>
            <TierBadge tier={customer.tier} large />
            <span className={classes['name']}>{customer.name}</span>
          </span>
        }
        note={customer.company}
      />
      <div className={classes['columns']}>
        <div className={classes['stack']}>
          <Panel>
            <Facts
              items={[
                [t('customers.source'), word('source', customer.tier_source)],
                [t('customers.language'), customer.language ? word('lang', customer.language) : '–'],
                [t('customers.owner'), <AgentName key="o" agent={customer.owner} />],
                [
                  t('customers.since'),
                  <span key="d" className="num">
                    {day(customer.created_at, language)}
                  </span>,
                ],
              ]}
            />
            {customer.value_note ? <p className={classes['value']}>{customer.value_note}</p> : null}
            {customer.note ? <p className={classes['note']}>{customer.note}</p> : null}
          </Panel>
          <Panel title={t('customers.numbers')} testId="customer-numbers">
            <ul className={classes['numbers']}>
              {customer.numbers.map((number) => (
                <li key={number} className="num">
                  <DialNumber number={number} />
                </li>
              ))}
            </ul>
          </Panel>
          <TierHistory lines={lines} />
        </div>
        <Panel title={t('customers.timeline')} flush testId="customer-timeline">
          {history.isPending ? <LoadingRows rows={4} /> : null}
          {history.error && !history.data ? (
            <ErrorNote error={history.error} retry={() => void history.refetch()} />
          ) : null}
          {history.data ? <History lines={lines} /> : null}
        </Panel>
      </div>
    </div>
  )
}
