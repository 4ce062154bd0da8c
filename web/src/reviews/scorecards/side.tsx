/** Beside the editor: the weights, what keeps the card from being published, saving, and how it plays. */
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Fault } from '@/api/quality'
import type { Scorecard } from '@/api/types'
import { Panel } from '@/common/panel'
import { ErrorNote } from '@/common/states'
import { ResultBadge } from '@/common/word-badge'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { ScorecardForm } from '../scorecard-form'
import { type Card, weightOf } from './card'
import classes from './editor.module.css'
import type { CardWriting } from './use-card'

type Shown = 'faults' | 'preview'

export function CardSide({ writing, done }: { writing: CardWriting; done: () => void }) {
  const { t } = useI18n()
  const [shown, show] = useState<Shown>('faults')
  const faults = writing.trial?.faults ?? []
  return (
    <div className={classes['side']}>
      <Panel testId="card-standing">
        <Weights card={writing.card} />
        <Keeping writing={writing} sound={writing.current && faults.length === 0} done={done} />
      </Panel>
      <Panel
        flush
        title={t(shown === 'faults' ? 'card.faults' : 'card.preview')}
        right={
          <SegmentedControl
            aria-label={t('card.side')}
            data={(['faults', 'preview'] as const).map((value) => ({ value, label: t(`card.${value}`) }))}
            value={shown}
            onChange={(value) => show(value === 'preview' ? 'preview' : 'faults')}
            data-testid="card-side"
          />
        }
      >
        {writing.error ? <ErrorNote error={writing.error} /> : null}
        {shown === 'faults' ? <Faults faults={faults} /> : <Preview writing={writing} />}
      </Panel>
    </div>
  )
}

function Weights({ card }: { card: Card }) {
  const { t, words } = useI18n()
  const sum = weightOf(card)
  return (
    <div className={classes['weights']}>
      <div className={classes['weightRow']}>
        <span className="quiet">{t('card.weights')}</span>
        <b className="num" data-bad={sum !== 100 || undefined} data-testid="card-sum">
          {t('card.sum', { n: sum })}
        </b>
      </div>
      <div className={classes['weightBar']} data-bad={sum !== 100 || undefined} aria-hidden="true">
        {card.sections.map((section, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a section being typed has only its place
          <span key={place} style={{ flexGrow: section.weight }} title={words(section.title)} />
        ))}
        {sum < 100 ? <i style={{ flexGrow: 100 - sum }} /> : null}
      </div>
    </div>
  )
}

function Keeping({ writing, sound, done }: { writing: CardWriting; sound: boolean; done: () => void }) {
  const { t } = useI18n()
  const { user } = useSession()
  const [note, setNote] = useState('')
  const [sure, setSure] = useState(false)
  const [busy, setBusy] = useState(false)
  const publish = async () => {
    if (!sure) {
      setSure(true)
      return
    }
    setSure(false)
    setBusy(true)
    const worked = await writing.publish(note.trim())
    setBusy(false)
    if (worked) done()
  }
  const bound = user.teams.length > 0 && user.role !== 'administrator'
  return (
    <div className={classes['keeping']}>
      <div className={classes['buttons']}>
        <Button
          variant={writing.changed ? 'filled' : 'default'}
          disabled={!writing.changed || !writing.card.id}
          onClick={() => void writing.save()}
          data-testid="card-save"
        >
          {t('card.save')}
        </Button>
        <span className="faint" data-testid="card-saved">
          {t(writing.changed ? 'card.unsaved' : writing.revision ? 'card.isdraft' : 'card.isnew')}
        </span>
      </div>
      {writing.changed || writing.revision === 0 ? null : bound ? (
        <p className="quiet">{t('card.publish.bound')}</p>
      ) : (
        <div className={classes['buttons']}>
          <TextInput
            className={classes['grow'] ?? ''}
            label={t('card.note')}
            value={note}
            maxLength={200}
            onChange={(event) => setNote(event.currentTarget.value)}
            data-testid="card-note"
          />
          <Button
            {...(sure ? { color: 'red' } : {})}
            disabled={!sound || !note.trim() || busy}
            onClick={() => void publish()}
            onBlur={() => setSure(false)}
            data-sure={sure}
            data-testid="card-publish"
          >
            {t(sure ? 'card.publish.sure' : 'card.publish')}
          </Button>
        </div>
      )}
    </div>
  )
}

function Faults({ faults }: { faults: Fault[] }) {
  const { t } = useI18n()
  if (faults.length === 0) return <p className={classes['calm']}>{t('card.faults.none')}</p>
  return (
    <ul className={classes['faults']} data-testid="card-faults">
      {faults.map((fault) => (
        <li key={`${fault.place} ${fault.sentence}`}>
          <button type="button" onClick={() => goTo(fault.place)}>
            <code>{fault.place}</code>
            <span>{fault.sentence}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

/** To the item or section that holds this place. */
function goTo(place: string): void {
  const parts = place.split('.')
  for (let length = parts.length; length > 0; length -= 1) {
    const found = document.getElementById(`place-${parts.slice(0, length).join('.')}`)
    if (found) {
      found.scrollIntoView({ block: 'center' })
      found.focus({ preventScroll: true })
      return
    }
  }
}

/** As a reviewer will see it, with what the answers come to. */
function Preview({ writing: { card, chosen, choose, trial } }: { writing: CardWriting }) {
  const { t } = useI18n()
  const score = trial?.score ?? null
  return (
    <div className={classes['preview']} data-testid="card-preview">
      <p className={classes['score']}>
        <b className="num" data-testid="card-preview-score">
          {score?.score == null ? '–' : score.score.toFixed(0)}
        </b>
        {score && Object.keys(chosen).length > 0 ? <ResultBadge result={score.result} /> : null}
        <span className="faint">{t(trial?.faults.length ? 'card.preview.faulty' : 'card.preview.hint')}</span>
      </p>
      <ScorecardForm
        card={card as Scorecard}
        draft={chosen}
        change={(item, part) => {
          if (part.value !== undefined) choose(item, part.value)
        }}
        now={() => 0}
        jump={() => undefined}
      />
    </div>
  )
}
