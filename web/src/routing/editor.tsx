/** One version: credits as fields, the whole as text beside its mistakes and changes, kept, tried, and made live. */
import { Button, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '@/api/client'
import { TIERS } from '@/api/types'
import type { PolicyMistakes, PolicyVersion } from '@/api/types-routing'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { creditOf, withCredit } from './credits'
import classes from './page.module.css'

const CHECK_AFTER_MS = 500

interface EditorProps {
  number: number
  live: number
  /** What was written into each version and not kept yet. */
  drafts: Map<number, string>
  kept: (number: number) => void
  wentLive: () => void
  tryOut: (number: number) => void
}

export function PolicyEditor(props: EditorProps) {
  const { t } = useI18n()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['routing', 'version', props.number],
    queryFn: () => api.policyVersion(props.number),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <Panel title={t('routing.text', { n: props.number })} testId="routing-editor">
      {isPending ? <LoadingRows /> : null}
      {error ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data ? <Editing {...props} original={data.text} /> : null}
    </Panel>
  )
}

function Editing({
  number,
  live,
  drafts,
  kept,
  wentLive,
  tryOut,
  original,
}: EditorProps & { original: string }) {
  const { t } = useI18n()
  const { may } = useSession()
  const { attempt, say } = useNotice()
  const [text, setText] = useState(drafts.get(number) ?? original)
  const [note, setNote] = useState('')
  const [settled] = useDebouncedValue(text, CHECK_AFTER_MS)
  const check = useQuery({
    queryKey: ['routing', 'check', live, settled],
    queryFn: () => api.checkPolicy(settled),
  })
  const write = (changed: string) => {
    setText(changed)
    drafts.set(number, changed)
  }
  const edits = may('edit_routing')
  const changed = text !== original
  const sound = check.data?.total === 0 && settled === text
  const keep = () =>
    attempt(async () => {
      const version: PolicyVersion = await api.keepPolicy(text, note)
      say(t('routing.kept', { n: version.number }))
      drafts.delete(number)
      kept(version.number)
    })
  return (
    <div className={classes['editing']}>
      {edits ? null : <p className="quiet">{t('routing.readonly')}</p>}
      <fieldset className={classes['credits']}>
        <legend>{t('routing.credits')}</legend>
        {TIERS.map((tier) => {
          const credit = creditOf(text, tier)
          return (
            <TextInput
              key={tier}
              label={t(`tier.${tier}`)}
              value={credit ?? ''}
              disabled={credit === null}
              readOnly={!edits}
              data-testid={`routing-credit-${tier}`}
              onChange={(event) =>
                write(withCredit(text, tier, event.currentTarget.value.replace(/\W/g, '') || '0'))
              }
            />
          )
        })}
      </fieldset>
      <Textarea
        label={t('routing.text.label')}
        classNames={{ input: classes['text'] ?? '' }}
        value={text}
        readOnly={!edits}
        onChange={(event) => write(event.currentTarget.value)}
        rows={20}
        spellCheck={false}
        data-testid="routing-text"
      />
      {check.error ? <ErrorNote error={check.error} retry={() => void check.refetch()} /> : null}
      {check.data ? <Findings found={check.data} /> : null}
      {edits && changed ? (
        <div className={classes['row']}>
          <TextInput
            className={classes['grow'] ?? ''}
            label={t('routing.note')}
            value={note}
            maxLength={200}
            onChange={(event) => setNote(event.currentTarget.value)}
            data-testid="routing-note"
          />
          <Button onClick={() => void keep()} disabled={!sound || !note.trim()} data-testid="routing-keep">
            {t('routing.keep')}
          </Button>
        </div>
      ) : null}
      {changed || number === live ? null : (
        <div className={classes['row']}>
          <Button variant="default" onClick={() => tryOut(number)} data-testid="routing-try">
            {t('routing.dryrun')}
          </Button>
          {edits ? <GoLive number={number} done={wentLive} /> : null}
        </div>
      )}
    </div>
  )
}

/** Live by a second press. */
function GoLive({ number, done }: { number: number; done: () => void }) {
  const { t } = useI18n()
  const { attempt, say } = useNotice()
  const [sure, setSure] = useState(false)
  const press = () => {
    if (!sure) {
      setSure(true)
      return
    }
    setSure(false)
    void attempt(async () => {
      await api.makePolicyLive(number)
      say(t('routing.went', { n: number }))
      done()
    })
  }
  return (
    <Button
      {...(sure ? { color: 'red' } : {})}
      onClick={press}
      onBlur={() => setSure(false)}
      data-testid="routing-go-live"
      data-sure={sure}
    >
      {t(sure ? 'routing.golive.sure' : 'routing.golive', { n: number })}
    </Button>
  )
}

function Findings({ found }: { found: PolicyMistakes }) {
  const { t } = useI18n()
  if (found.total > 0) {
    return (
      <section role="alert" data-testid="routing-mistakes">
        <h3 className={classes['heading']}>{t('routing.mistakes')}</h3>
        <ul className={classes['mistakes']}>
          {found.items.map((mistake) => (
            <li key={`${mistake.line} ${mistake.place} ${mistake.sentence}`}>
              <span className="num">{t('routing.mistake.line', { n: mistake.line })}</span>
              <code>{mistake.place}</code>
              <span>{mistake.sentence}</span>
            </li>
          ))}
        </ul>
      </section>
    )
  }
  return (
    <section data-testid="routing-changes">
      <h3 className={classes['heading']}>{t('routing.changes')}</h3>
      {found.difference.length === 0 ? (
        <p className="quiet">{t('routing.changes.none')}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <pre className={classes['changes']} tabIndex={0}>
          {found.difference.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
            <span key={at} data-sign={line[0]}>
              {line}
              {'\n'}
            </span>
          ))}
        </pre>
      )}
    </section>
  )
}
