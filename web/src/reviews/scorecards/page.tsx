/** The scorecards in force, their versions, and the drafts of the next ones. */
import { Button, FileButton } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { type CardVersion, qualityApi } from '@/api/quality'
import type { Scorecard } from '@/api/types'
import { BackLink } from '@/common/back-link'
import { IconPencil, IconPlus } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { PageHead, Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { WordBadge } from '@/common/word-badge'
import { dayAndTime } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import classes from './page.module.css'

const EDIT = '/reviews/scorecards/edit'
const LARGEST_FILE = 256_000

export default function ScorecardsPage() {
  const { t } = useI18n()
  const { may } = useSession()
  const [chosen, choose] = useState<string | null>(null)
  const edits = may('edit_scorecards')
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['scorecards'],
    queryFn: qualityApi.scorecards,
  })
  const shown = chosen ?? data?.items[0]?.id ?? null
  return (
    <div data-testid="cards">
      <BackLink to="/reviews">{t('reviews.title')}</BackLink>
      <PageHead title={t('cards.title')} note={t('cards.sub')} right={edits ? <Beginnings /> : null} />
      {isPending ? <LoadingRows rows={4} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} tall /> : null}
      {data ? (
        <div className={classes['parts']}>
          <div className={classes['main']}>
            <Panel flush>
              <Cards cards={data.items} shown={shown} choose={choose} edits={edits} />
            </Panel>
            {edits ? <Drafts /> : null}
          </div>
          {shown ? <Versions key={shown} card={shown} edits={edits} /> : null}
        </div>
      ) : null}
    </div>
  )
}

/** A card from nothing, or from a file. */
function Beginnings() {
  const { t } = useI18n()
  const { attempt } = useNotice()
  const navigate = useNavigate()
  const read = (file: File | null) =>
    file &&
    attempt(async () => {
      if (file.size > LARGEST_FILE) throw new Error('large')
      const { card } = await qualityApi.readCard(await file.text())
      void navigate(`${EDIT}/${encodeURIComponent(card.id)}`, { state: { card } })
    })
  return (
    <>
      <FileButton accept=".yaml,.yml,application/yaml" onChange={(file) => void read(file)}>
        {(props) => (
          <Button variant="default" {...props} data-testid="cards-import">
            {t('cards.import')}
          </Button>
        )}
      </FileButton>
      <Button component={Link} to={EDIT} leftSection={<IconPlus size={15} />} data-testid="cards-new">
        {t('cards.new')}
      </Button>
    </>
  )
}

interface CardsProps {
  cards: Scorecard[]
  shown: string | null
  choose: (card: string) => void
  edits: boolean
}

function Cards({ cards, shown, choose, edits }: CardsProps) {
  const { t, words } = useI18n()
  const columns: Column<Scorecard>[] = [
    {
      key: 'title',
      head: t('card.title'),
      cell: (row) => (
        <>
          <div>{words(row.title)}</div>
          <div className="faint">{row.id}</div>
        </>
      ),
    },
    {
      key: 'queues',
      head: t('card.queues'),
      phone: false,
      cell: (row) => row.queues?.join(', ') ?? t('card.queues.all'),
    },
    {
      key: 'items',
      head: t('cards.items'),
      width: '90px',
      right: true,
      phone: false,
      cell: (row) => row.sections.reduce((sum, section) => sum + section.items.length, 0),
    },
    { key: 'version', head: t('cards.version'), width: '84px', right: true, cell: (row) => row.version },
    ...(edits
      ? [
          {
            key: 'edit',
            head: '',
            width: '110px',
            right: true,
            cell: (row: Scorecard) => (
              <Button
                component={Link}
                to={`${EDIT}/${encodeURIComponent(row.id)}`}
                size="compact-sm"
                variant="light"
                leftSection={<IconPencil size={14} />}
                data-testid="cards-edit"
              >
                {t('cards.edit')}
              </Button>
            ),
          },
        ]
      : []),
  ]
  return (
    <DataTable
      columns={columns}
      rows={cards}
      rowKey={(row) => row.id}
      open={(row) => choose(row.id)}
      chosen={(row) => row.id === shown}
      testId="cards-table"
      label={t('cards.title')}
    />
  )
}

function Drafts() {
  const { t, words, language } = useI18n()
  const { attempt } = useNotice()
  const client = useQueryClient()
  const { data } = useQuery({ queryKey: ['scorecard-drafts'], queryFn: qualityApi.drafts, staleTime: 0 })
  const [sure, setSure] = useState<string | null>(null)
  if (!data || data.items.length === 0) return null
  const drop = async (card: string) => {
    if (sure !== card) {
      setSure(card)
      return
    }
    setSure(null)
    await attempt(() => qualityApi.dropDraft(card))
    void client.invalidateQueries({ queryKey: ['scorecard-drafts'] })
  }
  return (
    <Panel flush title={t('cards.drafts')} testId="cards-drafts">
      <ul className={classes['drafts']}>
        {data.items.map((draft) => (
          <li key={draft.card.id}>
            <span className={classes['draft']}>
              <Link to={`${EDIT}/${encodeURIComponent(draft.card.id)}`}>
                {words(draft.card.title) || draft.card.id}
              </Link>
              <span className="faint">
                {draft.author} · {dayAndTime(draft.saved_at, language)}
              </span>
            </span>
            {draft.faults.length > 0 ? (
              <WordBadge tone="warn">{t('cards.faulty', { n: draft.faults.length })}</WordBadge>
            ) : null}
            <Button
              size="compact-sm"
              variant="subtle"
              {...(sure === draft.card.id ? { color: 'red' } : {})}
              onClick={() => void drop(draft.card.id)}
              onBlur={() => setSure(null)}
              data-testid="cards-drop"
            >
              {t(sure === draft.card.id ? 'cards.drop.sure' : 'cards.drop')}
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Versions({ card, edits }: { card: string; edits: boolean }) {
  const { t, language } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const [sure, setSure] = useState(false)
  const { data, error, isPending } = useQuery({
    queryKey: ['scorecard-versions', card],
    queryFn: () => qualityApi.versions(card),
  })
  const withdraw = async () => {
    if (!sure) {
      setSure(true)
      return
    }
    setSure(false)
    const worked = await attempt(() => qualityApi.withdraw(card))
    if (worked) say(t('cards.withdrawn'))
    for (const queryKey of [['scorecards'], ['scorecard-versions']])
      void client.invalidateQueries({ queryKey })
  }
  const columns: Column<CardVersion>[] = [
    {
      key: 'version',
      head: t('cards.version'),
      width: '76px',
      cell: (row) => <span className="num">{row.version}</span>,
    },
    {
      key: 'note',
      head: t('cards.note'),
      cell: (row) => (
        <>
          <div>{row.published_at === null ? t('cards.fromfile') : row.note}</div>
          {row.published_at === null ? null : (
            <div className="faint">
              {row.published_by} · {dayAndTime(row.published_at, language)}
            </div>
          )}
          {row.withdrawn_at === null ? null : (
            <div className="faint">
              {t('cards.withdrawnat', { at: dayAndTime(row.withdrawn_at, language) })}
            </div>
          )}
        </>
      ),
    },
    {
      key: 'state',
      head: '',
      width: '92px',
      cell: (row) => (row.in_force ? <WordBadge tone="good">{t('cards.inforce')}</WordBadge> : null),
    },
    {
      key: 'export',
      head: '',
      width: '74px',
      right: true,
      cell: (row) => (
        <a
          className={classes['export']}
          href={qualityApi.exportAddress(card, row.version)}
          download
          aria-label={t('cards.export.version', { n: row.version })}
        >
          YAML
        </a>
      ),
    },
  ]
  const published = data?.items.some((one) => one.in_force && one.published_at !== null) ?? false
  return (
    <Panel
      flush
      title={t('cards.versions')}
      note={card}
      right={
        edits && published ? (
          <Button
            size="compact-sm"
            variant="subtle"
            {...(sure ? { color: 'red' } : {})}
            onClick={() => void withdraw()}
            onBlur={() => setSure(false)}
            data-testid="cards-withdraw"
          >
            {t(sure ? 'cards.withdraw.sure' : 'cards.withdraw')}
          </Button>
        ) : null
      }
    >
      {isPending ? <LoadingRows rows={2} /> : null}
      {error ? <ErrorNote error={error} /> : null}
      {data ? (
        <DataTable
          columns={columns}
          rows={data.items}
          rowKey={(row) => String(row.version)}
          testId="cards-versions"
          label={t('cards.versions')}
        />
      ) : null}
    </Panel>
  )
}
