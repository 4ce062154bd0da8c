/** Draws what the server tells about itself, whatever that is: names become headings, lists tables. */
import { Alert } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '@/api/client'
import { PageHead, Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { WordBadge } from '@/common/word-badge'
import { useI18n } from '@/i18n'
import { FindingCounts, Findings, isFindings } from './findings'
import { JobsPanel } from './jobs'
import classes from './page.module.css'
import { isScalar, type Plain, Scalar, useLabel } from './scalar'
import { Something } from './something'

export default function OperationsPage() {
  const { t } = useI18n()
  const label = useLabel()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['operations'],
    queryFn: api.operations,
    refetchInterval: 5000,
  })
  const { reasons, ...rest } = data ?? {}
  const entries = Object.entries(rest)
  const single = entries.filter((entry): entry is [string, Plain] => isScalar(entry[1]))
  const empty = entries.filter(([, value]) => isEmpty(value))
  // Facts stand side by side, and before the tables, which need a row each.
  const parts = entries
    .filter(([, value]) => !isScalar(value) && !isEmpty(value))
    .sort(([, one], [, other]) => Number(isTable(one)) - Number(isTable(other)))
  return (
    <div data-testid="operations">
      <PageHead title={t('operations.title')} note={`${t('operations.sub')} · ${t('operations.refresh')}`} />
      {isPending ? <LoadingRows rows={6} height={60} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} tall /> : null}
      {Array.isArray(reasons) && reasons.length > 0 ? <Reasons reasons={reasons} /> : null}
      {data ? (
        <dl className={classes['tiles']}>
          {reasons ? (
            <div data-testid="operations-reasons">
              <dt>{t('operations.reasons')}</dt>
              <dd>
                {Array.isArray(reasons) && reasons.length > 0 ? (
                  <WordBadge tone="bad">{t('operations.unready')}</WordBadge>
                ) : (
                  <WordBadge tone="good">{t('operations.ready')}</WordBadge>
                )}
              </dd>
            </div>
          ) : null}
          {single.map(([key, value]) => (
            <div key={key} data-testid="operations-fact" data-name={key}>
              <dt>{label(key)}</dt>
              <dd>
                <Scalar name={key} value={value} />
              </dd>
            </div>
          ))}
          {empty.map(([key]) => (
            <div key={key} data-testid={`operations-${key}`}>
              <dt>{label(key)}</dt>
              <dd className="faint">{t('operations.none')}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      <div className={classes['parts']}>
        {parts.map(([key, value]) => (
          <Panel
            key={key}
            title={label(key)}
            right={isFindings(value) ? <FindingCounts findings={value} /> : null}
            flush
            className={isTable(value) ? classes['wide'] : undefined}
            testId={`operations-${key}`}
          >
            {isFindings(value) ? <Findings findings={value} /> : <Something name={key} value={value} />}
          </Panel>
        ))}
        <JobsPanel className={classes['wide']} />
      </div>
    </div>
  )
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** A list of things needs the whole width, a handful of facts does not. */
function isTable(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && !value.every(isScalar)
}

/** Why the server would not be asked to take calls now. */
function Reasons({ reasons }: { reasons: unknown[] }) {
  return (
    <Alert mb="sm" color="red" role="alert" data-testid="operations-unready">
      {reasons.filter(isScalar).map((reason) => (
        <div key={JSON.stringify(reason)}>
          <Scalar name="reason" value={reason} />
        </div>
      ))}
    </Alert>
  )
}
