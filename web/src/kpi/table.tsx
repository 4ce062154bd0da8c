import { Tooltip } from '@mantine/core'
import type { KpiRow } from '@/api/types'
import { type Column, DataTable } from '@/common/table'
import { isTier, TierBadge } from '@/common/tier-badge'
import { count, day, percent, span, timeOfDay } from '@/format'
import { type I18n, type TextKey, useI18n } from '@/i18n'
import classes from './page.module.css'

type Number_ = [TextKey, (row: KpiRow) => string, string]

const NUMBERS: Number_[] = [
  ['kpi.col.offered', (row) => count(row.offered), '64px'],
  ['kpi.col.answered', (row) => count(row.answered), '74px'],
  ['kpi.col.abandoned', (row) => count(row.abandoned), '90px'],
  ['kpi.col.flow_out', (row) => count(row.flow_out), '80px'],
  ['kpi.col.blocked', (row) => count(row.blocked), '64px'],
  ['kpi.col.answer_rate', (row) => percent(row.answer_rate), '88px'],
  ['kpi.col.level', (row) => percent(row.service_level.value), '94px'],
  ['kpi.col.abandon_rate', (row) => percent(row.abandon_rate), '96px'],
  ['kpi.col.asa', (row) => span(row.asa_seconds), '66px'],
  ['kpi.col.aht', (row) => span(row.aht_seconds === null ? null : Math.round(row.aht_seconds)), '66px'],
  ['kpi.col.handled', (row) => count(row.handled), '66px'],
  ['kpi.col.transfer_rate', (row) => percent(row.transfer_rate), '74px'],
  ['kpi.col.occupancy', (row) => percent(row.occupancy, 0), '92px'],
]

interface KpiTableProps {
  rows: KpiRow[]
  group: string
  interval: string
}

export function KpiTable({ rows, group, interval }: KpiTableProps) {
  const i18n = useI18n()
  const { t } = i18n
  const columns: Column<KpiRow>[] = [
    {
      key: 'interval',
      head: t('kpi.col.interval'),
      width: interval === '86400' ? '100px' : '138px',
      cell: (row) => <Interval row={row} interval={interval} i18n={i18n} />,
    },
    ...(group === 'none'
      ? []
      : [
          {
            key: 'group',
            head: t(`kpi.group.${group}` as TextKey),
            width: '120px',
            cell: (row: KpiRow) => (isTier(row.group) ? <TierBadge tier={row.group} /> : (row.group ?? '–')),
          },
        ]),
    ...NUMBERS.map(([key, cell, width]) => ({ key, head: t(key), cell, width, right: true })),
  ]
  const busy = rows.filter((row) => row.offered + row.handled + row.blocked > 0)
  const left = rows.length - busy.length
  return (
    <>
      <DataTable
        testId="kpi-table"
        label={t('kpi.title')}
        minWidth={group === 'none' ? 1150 : 1270}
        columns={columns}
        rows={busy}
        rowKey={(row) => `${row.from} ${row.group ?? ''}`}
      />
      {left > 0 ? <p className={`${classes['left']} faint num`}>{t('kpi.left', { n: left })}</p> : null}
    </>
  )
}

function Interval({ row, interval, i18n }: { row: KpiRow; interval: string; i18n: I18n }) {
  const { t, language } = i18n
  return (
    <span className="num">
      {day(row.from, language)}
      {interval === '900' || interval === '3600' ? ` ${timeOfDay(row.from, false)}` : ''}
      {interval === 'none' ? ` – ${day(row.until - 1, language)}` : ''}
      {row.provisional ? (
        <Tooltip label={t('kpi.provisional')}>
          <span className={classes['provisional']} role="img" aria-label={t('kpi.provisional')}>
            ◐
          </span>
        </Tooltip>
      ) : null}
    </span>
  )
}
