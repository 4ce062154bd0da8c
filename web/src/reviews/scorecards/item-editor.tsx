/** One question: what is asked, how it is answered, what an answer means, and when it is asked at all. */
import { ActionIcon, Chip, NumberInput, SegmentedControl, Select, TextInput, Tooltip } from '@mantine/core'
import { useState } from 'react'
import type { AnswerValue } from '@/api/types'
import { IconChevronDown, IconChevronUp, IconX } from '@/common/icons'
import { useI18n } from '@/i18n'
import { type CardItem, mended, SCALE, valuesOf } from './card'
import classes from './editor.module.css'
import { WordsFields } from './words-fields'

const KINDS = ['yes_no', 'scale'] as const
const CRITICAL = ['customer', 'business', 'compliance'] as const

interface ItemEditorProps {
  item: CardItem
  /** Where it stands, as people count: sections.1.items.2. */
  place: string
  others: CardItem[]
  change: (item: CardItem) => void
  rename: (to: string) => void
  move: (by: number) => void
  remove: () => void
}

export function ItemEditor({ item, place, others, change, rename, move, remove }: ItemEditorProps) {
  const { t, words } = useI18n()
  const [open, setOpen] = useState(!item.text.en && !item.text.zh)
  const title = words(item.text) || t('card.item.unnamed')
  return (
    <li
      className={classes['item']}
      id={`place-${place}`}
      tabIndex={-1}
      data-testid="card-item"
      data-item={item.id}
    >
      <div className={classes['itemHead']}>
        <button
          type="button"
          className={classes['fold']}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          data-testid="card-item-open"
        >
          <span>{title}</span>
          <span className="faint">
            {item.critical
              ? t(`score.critical.${item.critical}`)
              : t('card.item.weighs', { n: item.weight ?? 0 })}
            {item.shown_when ? ` · ${t('card.item.conditional')}` : ''}
          </span>
        </button>
        <Placing move={move} remove={remove} />
      </div>
      {open ? <Fields item={item} others={others} change={change} rename={rename} /> : null}
    </li>
  )
}

export function Placing({ move, remove }: { move: (by: number) => void; remove: () => void }) {
  const { t } = useI18n()
  const buttons = [
    ['card.up', IconChevronUp, () => move(-1)],
    ['card.down', IconChevronDown, () => move(1)],
    ['card.remove', IconX, remove],
  ] as const
  return (
    <span className={classes['placing']}>
      {buttons.map(([text, Icon, press]) => (
        <Tooltip key={text} label={t(text)}>
          <ActionIcon aria-label={t(text)} onClick={press} data-testid={text.replace('.', '-')}>
            <Icon size={15} />
          </ActionIcon>
        </Tooltip>
      ))}
    </span>
  )
}

type FieldsProps = Pick<ItemEditorProps, 'item' | 'others' | 'change' | 'rename'>

function Fields({ item, others, change, rename }: FieldsProps) {
  const { t } = useI18n()
  const set = (part: Partial<CardItem>) => change(mended({ ...item, ...part }))
  return (
    <div className={classes['fields']}>
      <WordsFields
        label={t('card.item.text')}
        value={item.text}
        change={(text) => set({ text })}
        testId="card-item-text"
      />
      <WordsFields
        label={t('card.item.help')}
        value={item.help ?? { en: '', zh: '' }}
        change={(help) => set({ help: help.en || help.zh ? help : null })}
        optional={!item.help}
        testId="card-item-help"
      />
      <div className={classes['row']}>
        <TextInput
          label={t('card.name')}
          value={item.id}
          maxLength={50}
          onChange={(event) => rename(event.currentTarget.value)}
          data-testid="card-item-id"
        />
        <Labelled label={t('card.item.kind')}>
          <SegmentedControl
            aria-label={t('card.item.kind')}
            data={KINDS.map((value) => ({ value, label: t(`card.kind.${value}`) }))}
            value={item.kind}
            disabled={Boolean(item.critical)}
            onChange={(value) => set({ kind: KINDS.find((kind) => kind === value) ?? 'yes_no' })}
            data-testid="card-item-kind"
          />
        </Labelled>
        <Select
          label={t('card.item.critical')}
          placeholder={t('card.item.notcritical')}
          data={CRITICAL.map((value) => ({ value, label: t(`score.critical.${value}`) }))}
          value={item.critical ?? null}
          onChange={(value) => set({ critical: CRITICAL.find((kind) => kind === value) ?? null })}
          clearable
          data-testid="card-item-critical"
        />
        {item.critical ? null : (
          <NumberInput
            label={t('card.item.weight')}
            size="xs"
            w={90}
            min={0}
            max={1000}
            value={item.weight ?? 0}
            onChange={(value) => change({ ...item, weight: Number(value) || 0 })}
            data-testid="card-item-weight"
          />
        )}
      </div>
      {item.kind === 'scale' ? (
        <fieldset className={classes['anchors']}>
          <legend>{t('card.item.anchors')}</legend>
          {SCALE.map((step) => (
            <div key={step} className={classes['anchor']}>
              <b className="num">{step}</b>
              <WordsFields
                quiet
                label={t('card.item.anchor', { n: step })}
                value={item.anchors?.[Number(step)] ?? { en: '', zh: '' }}
                change={(anchor) =>
                  set({ anchors: (item.anchors ?? []).map((old, at) => (at === step ? anchor : old)) })
                }
                testId={`card-anchor-${step}`}
              />
            </div>
          ))}
        </fieldset>
      ) : null}
      <Answers
        label={t('card.item.comment')}
        values={[...valuesOf(item), 'na']}
        chosen={item.comment_when ?? []}
        choose={(comment_when) => set({ comment_when })}
      />
      <Condition item={item} others={others} set={set} />
    </div>
  )
}

function Condition({
  item,
  others,
  set,
}: {
  item: CardItem
  others: CardItem[]
  set: (part: Partial<CardItem>) => void
}) {
  const { t, words } = useI18n()
  const condition = item.shown_when ?? null
  const other = others.find((one) => one.id === condition?.item)
  return (
    <div className={classes['condition']}>
      <Select
        label={t('card.item.when')}
        placeholder={t('card.item.always')}
        data={others.map((one) => ({ value: one.id, label: words(one.text) || one.id }))}
        value={condition?.item ?? null}
        onChange={(value) => set({ shown_when: value ? { item: value, values: ['no'] } : null })}
        clearable
        searchable
        data-testid="card-item-when"
      />
      {condition && other ? (
        <Answers
          label={t('card.item.when.values')}
          values={[...valuesOf(other), 'na']}
          chosen={condition.values}
          choose={(values) => set({ shown_when: { ...condition, values } })}
        />
      ) : null}
    </div>
  )
}

interface AnswersProps {
  label: string
  values: AnswerValue[]
  chosen: AnswerValue[]
  choose: (values: AnswerValue[]) => void
}

function Answers({ label, values, chosen, choose }: AnswersProps) {
  const { t } = useI18n()
  return (
    <fieldset className={classes['answers']}>
      <legend>{label}</legend>
      {values.map((value) => (
        <Chip
          key={value}
          size="xs"
          checked={chosen.includes(value)}
          onChange={(on) => choose(on ? [...chosen, value] : chosen.filter((one) => one !== value))}
        >
          {typeof value === 'number' ? String(value) : t(`score.${value}`)}
        </Chip>
      ))}
    </fieldset>
  )
}

function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className={classes['labelled']}>
      <span>{label}</span>
      {children}
    </div>
  )
}
