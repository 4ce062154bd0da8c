/** A scorecard is written: on the left what it asks, on the right what it weighs, what is wrong, and how it plays. */
import { Button, NumberInput, TagsInput, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useLocation, useNavigate, useParams } from 'react-router'
import { qualityApi } from '@/api/quality'
import { BackLink } from '@/common/back-link'
import { IconPlus } from '@/common/icons'
import { PageHead, Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { useI18n } from '@/i18n'
import {
  allItems,
  type Card,
  type CardSection,
  formOf,
  moved,
  newCard,
  newItem,
  newSection,
  renamed,
  replaced,
  without,
} from './card'
import classes from './editor.module.css'
import { ItemEditor, Placing } from './item-editor'
import { CardSide } from './side'
import { type CardWriting, useCard } from './use-card'
import { WordsFields } from './words-fields'

export default function ScorecardEditorPage() {
  const { t } = useI18n()
  const name = useParams()['id'] ?? ''
  const given = (useLocation().state as { card?: Card } | null)?.card ?? null
  const drafts = useQuery({
    queryKey: ['scorecard-drafts'],
    queryFn: qualityApi.drafts,
    staleTime: 0,
    gcTime: 0,
  })
  const cards = useQuery({ queryKey: ['scorecards'], queryFn: qualityApi.scorecards })
  const error = drafts.error ?? cards.error
  const id = given?.id ?? name
  const draft = drafts.data?.items.find((one) => one.card.id === id)
  const base = draft?.card ?? cards.data?.items.find((one) => one.id === id)
  const ready = drafts.isFetchedAfterMount && cards.data !== undefined && !error
  return (
    <div data-testid="card-editor">
      <BackLink to="/reviews/scorecards">{t('cards.title')}</BackLink>
      {error ? <ErrorNote error={error} retry={() => void drafts.refetch()} tall /> : null}
      {ready ? (
        <Editing
          key={id}
          name={id}
          original={given ?? (base ? formOf(base) : { ...newCard(), id: name })}
          revision={draft?.revision ?? 0}
          fresh={given !== null || !base}
        />
      ) : error ? null : (
        <LoadingRows rows={8} />
      )}
    </div>
  )
}

interface EditingProps {
  name: string
  original: Card
  revision: number
  /** It differs from all that the server has. */
  fresh: boolean
}

function Editing({ name, original, revision, fresh }: EditingProps) {
  const { t, words } = useI18n()
  const navigate = useNavigate()
  const writing = useCard(name, original, revision, fresh)
  const { card, set } = writing
  const section = (place: number, one: CardSection) =>
    set({ ...card, sections: replaced(card.sections, place, one) })
  return (
    <>
      <PageHead title={words(card.title) || t('cards.new')} note={t('card.sub')} />
      <div className={classes['columns']}>
        <div className={classes['form']}>
          <CardFacts writing={writing} fixed={!fresh || revision > 0} />
          {card.sections.map((one, place) => (
            <SectionEditor
              // biome-ignore lint/suspicious/noArrayIndexKey: its name is being typed, so only its place holds
              key={place}
              card={card}
              place={place}
              change={(next) => section(place, next)}
              set={set}
              section={one}
            />
          ))}
          <Button
            variant="default"
            leftSection={<IconPlus size={15} />}
            onClick={() => set({ ...card, sections: [...card.sections, newSection(card)] })}
            data-testid="card-add-section"
          >
            {t('card.section.add')}
          </Button>
        </div>
        <CardSide writing={writing} done={() => void navigate('/reviews/scorecards')} />
      </div>
    </>
  )
}

function CardFacts({ writing: { card, set }, fixed }: { writing: CardWriting; fixed: boolean }) {
  const { t } = useI18n()
  return (
    <Panel title={t('card.facts')}>
      <div className={classes['fields']}>
        <WordsFields
          label={t('card.title')}
          value={card.title}
          change={(title) => set({ ...card, title })}
          testId="card-title"
        />
        <div className={classes['row']}>
          <TextInput
            label={t('card.name')}
            description={fixed ? undefined : t('card.name.hint')}
            value={card.id}
            readOnly={fixed}
            maxLength={50}
            onChange={(event) => set({ ...card, id: event.currentTarget.value })}
            data-testid="card-id"
          />
          <NumberInput
            label={t('card.passmark')}
            size="xs"
            w={110}
            min={0}
            max={100}
            value={card.pass_mark}
            onChange={(value) => set({ ...card, pass_mark: Number(value) || 0 })}
            data-testid="card-passmark"
          />
          <TagsInput
            className={classes['grow'] ?? ''}
            label={t('card.queues')}
            placeholder={card.queues?.length ? '' : t('card.queues.all')}
            size="xs"
            value={card.queues ?? []}
            onChange={(queues) => set({ ...card, queues: queues.length ? queues : null })}
            data-testid="card-queues"
          />
        </div>
      </div>
    </Panel>
  )
}

interface SectionEditorProps {
  card: Card
  section: CardSection
  place: number
  change: (section: CardSection) => void
  set: (card: Card) => void
}

function SectionEditor({ card, section, place, change, set }: SectionEditorProps) {
  const { t, words } = useI18n()
  const at = `sections.${place + 1}`
  const rename = (position: number, to: string) => {
    const item = section.items[position]
    if (!item) return
    const items = replaced(section.items, position, { ...item, id: to })
    const sections = replaced(card.sections, place, { ...section, items })
    set(renamed({ ...card, sections }, item.id, to))
  }
  return (
    <Panel
      flush
      testId="card-section"
      title={words(section.title) || t('card.section.unnamed')}
      note={t('score.weight', { n: section.weight })}
      right={
        <Placing
          move={(by) => set({ ...card, sections: moved(card.sections, place, by) })}
          remove={() => set({ ...card, sections: without(card.sections, place) })}
        />
      }
    >
      <div className={classes['sectionFields']} id={`place-${at}`} tabIndex={-1}>
        <WordsFields
          label={t('card.section.title')}
          value={section.title}
          change={(title) => change({ ...section, title })}
          testId="card-section-title"
        />
        <div className={classes['row']}>
          <TextInput
            label={t('card.name')}
            value={section.id}
            maxLength={50}
            onChange={(event) => change({ ...section, id: event.currentTarget.value })}
          />
          <NumberInput
            label={t('card.section.weight')}
            size="xs"
            w={110}
            min={0}
            max={100}
            value={section.weight}
            onChange={(value) => change({ ...section, weight: Number(value) || 0 })}
            data-testid="card-section-weight"
          />
        </div>
      </div>
      <ol className={classes['items']}>
        {section.items.map((item, position) => (
          <ItemEditor
            // biome-ignore lint/suspicious/noArrayIndexKey: as of sections
            key={position}
            item={item}
            place={`${at}.items.${position + 1}`}
            others={allItems(card).filter((one) => one.id !== item.id)}
            change={(next) => change({ ...section, items: replaced(section.items, position, next) })}
            rename={(to) => rename(position, to)}
            move={(by) => change({ ...section, items: moved(section.items, position, by) })}
            remove={() => change({ ...section, items: without(section.items, position) })}
          />
        ))}
      </ol>
      <div className={classes['add']}>
        <Button
          variant="subtle"
          leftSection={<IconPlus size={15} />}
          onClick={() => change({ ...section, items: [...section.items, newItem(card)] })}
          data-testid="card-add-item"
        >
          {t('card.item.add')}
        </Button>
      </div>
    </Panel>
  )
}
