/** What each question has to do with satisfaction: a number, an interval and a word. */
import type { Coefficient, ItemLink } from '@/api/types-quality'
import { type Column, DataTable } from '@/common/table'
import { type Tone, WordBadge } from '@/common/word-badge'
import { count, plainWords } from '@/format'
import { type TextKey, useI18n } from '@/i18n'
import classes from './satisfaction.module.css'

function judged({ coefficient, answers }: ItemLink, fewest: number): [Tone, TextKey] {
  if (!coefficient) return ['plain', answers < fewest ? 'sat.few' : 'sat.alike']
  if (!coefficient.says_something) return ['warn', 'sat.nothing']
  return coefficient.value > 0 ? ['good', 'sat.moves'] : ['bad', 'sat.opposes']
}

export function ItemLinks({ links, fewest }: { links: ItemLink[]; fewest: number }) {
  const { t, words } = useI18n()
  const columns: Column<ItemLink>[] = [
    {
      key: 'item',
      head: t('sat.items'),
      cell: (row) => {
        const text = row.text ? words(row.text) : plainWords(row.item)
        return (
          <span className="cut" title={text}>
            {text}
          </span>
        )
      },
    },
    {
      key: 'answers',
      head: t('sat.items.answers'),
      width: '90px',
      phone: false,
      right: true,
      cell: (row) => <span className="num">{count(row.answers)}</span>,
    },
    {
      key: 'link',
      head: t('sat.items.link'),
      width: '320px',
      phone: '58px',
      cell: (row) => (row.coefficient ? <Interval of={row.coefficient} /> : <span className="faint">–</span>),
    },
    {
      key: 'says',
      head: t('sat.items.says'),
      width: '200px',
      phone: '172px',
      cell: (row) => {
        const [tone, text] = judged(row, fewest)
        return <WordBadge tone={tone}>{t(text, { n: fewest })}</WordBadge>
      },
    },
  ]
  return (
    <DataTable
      columns={columns}
      rows={links}
      rowKey={(row) => `${row.scorecard} ${row.item}`}
      testId="sat-items"
      label={t('sat.items')}
    />
  )
}

/** -1 at the left, 1 at the right, a line at 0. */
function Interval({ of }: { of: Coefficient }) {
  const { t } = useI18n()
  const place = (value: number) => `${((value + 1) / 2) * 100}%`
  const says = t('sat.interval', { low: of.low.toFixed(2), high: of.high.toFixed(2) })
  return (
    <span className={classes['interval']} title={says}>
      <b className="num">{of.value.toFixed(2)}</b>
      <span className={classes['scale']} aria-hidden="true">
        <span className={classes['reach']} style={{ left: place(of.low), right: place(-of.high) }} />
        <span className={classes['dot']} style={{ left: place(of.value) }} />
      </span>
      <span className={`${classes['ends']} quiet num`}>{says}</span>
    </span>
  )
}
