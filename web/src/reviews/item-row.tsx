import { ActionIcon, Textarea, Tooltip } from '@mantine/core'
import { useState } from 'react'
import type { Answer, AnswerValue, ScorecardItem } from '@/api/types'
import { IconClock, IconMessage, IconX } from '@/common/icons'
import { clock } from '@/format'
import { useI18n } from '@/i18n'
import { anchorText } from './anchors'
import classes from './item-row.module.css'

interface ItemRowProps {
  item: ScorecardItem
  answer: Partial<Answer>
  change: ((part: Partial<Answer>) => void) | null
  now: () => number
  jump: (seconds: number) => void
}

const SCALE: AnswerValue[] = [0, 1, 2, 3, 4]

export function ItemRow({ item, answer, change, now, jump }: ItemRowProps) {
  const { t, words, language } = useI18n()
  const [writing, setWriting] = useState(Boolean(answer.comment))
  const values: AnswerValue[] = item.kind === 'scale' ? [...SCALE, 'na'] : ['yes', 'no', 'na']
  const anchor = typeof answer.value === 'number' ? anchorText(item.anchors, answer.value, language) : ''
  const help = words(item.help)
  const at = answer.at_seconds ?? null
  const wanted = answer.value !== undefined && item.comment_when.includes(answer.value)
  const open = writing || wanted
  return (
    <li
      className={classes['item']}
      data-testid="score-item"
      data-item={item.id}
      data-answered={answer.value !== undefined || undefined}
    >
      <div className={classes['text']}>
        <span>
          {words(item.text)}{' '}
          {item.critical ? (
            <span className={classes['critical']} data-testid="score-critical">
              {t(`score.critical.${item.critical}`)}
            </span>
          ) : null}
        </span>
        {help ? <span className="faint">{help}</span> : null}
      </div>
      <div className={classes['answer']}>
        <Choices
          item={item}
          values={values}
          chosen={answer.value}
          choose={change ? (value) => change({ value }) : null}
        />
        <span className={classes['extras']}>
          {at !== null ? (
            <span className={classes['moment']}>
              <button
                type="button"
                onClick={() => jump(at)}
                aria-label={t('score.moment.go', { time: clock(at) })}
              >
                <IconClock size={13} /> <span className="num">{clock(at)}</span>
              </button>
              {change ? (
                <ActionIcon
                  size="xs"
                  aria-label={t('score.moment.clear')}
                  onClick={() => change({ at_seconds: null })}
                >
                  <IconX size={12} />
                </ActionIcon>
              ) : null}
            </span>
          ) : change ? (
            <Tooltip label={t('score.moment')}>
              <ActionIcon
                aria-label={t('score.moment')}
                onClick={() => change({ at_seconds: Math.round(now() * 10) / 10 })}
                data-testid="score-moment"
              >
                <IconClock size={16} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
          ) : null}
          {change && !open ? (
            <Tooltip label={t('score.comment.add')}>
              <ActionIcon
                aria-label={t('score.comment.add')}
                onClick={() => setWriting(true)}
                data-testid="score-comment-add"
              >
                <IconMessage size={16} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
          ) : null}
        </span>
      </div>
      {anchor ? <p className={classes['anchor']}>{anchor}</p> : null}
      {change && open ? (
        <Textarea
          className={classes['wide'] ?? ''}
          size="xs"
          autosize
          minRows={1}
          maxLength={2000}
          autoFocus={writing && !answer.comment}
          error={wanted && !answer.comment?.trim()}
          aria-label={t('score.comment')}
          placeholder={t(wanted ? 'score.comment.needed' : 'score.comment')}
          value={answer.comment ?? ''}
          onChange={(event) => change({ comment: event.currentTarget.value })}
          data-testid="score-item-comment"
        />
      ) : null}
      {!change && answer.comment ? <p className={classes['said']}>{answer.comment}</p> : null}
    </li>
  )
}

interface ChoicesProps {
  item: ScorecardItem
  values: AnswerValue[]
  chosen: AnswerValue | undefined
  choose: ((value: AnswerValue) => void) | null
}

/** Radio buttons drawn as one control: arrow keys move, a screen reader hears the question. */
function Choices({ item, values, chosen, choose }: ChoicesProps) {
  const { t, words, language } = useI18n()
  const text = (value: AnswerValue) => (typeof value === 'number' ? String(value) : t(`score.${value}`))
  if (!choose && chosen === undefined) return <span className="faint">{t('score.noanswer')}</span>
  return (
    <fieldset className={classes['choices']} disabled={!choose} aria-label={words(item.text)}>
      {values.map((value) => (
        <label
          key={value}
          data-value={value}
          title={typeof value === 'number' ? anchorText(item.anchors, value, language) : undefined}
        >
          <input
            type="radio"
            name={item.id}
            checked={chosen === value}
            onChange={() => choose?.(value)}
            data-testid={`answer-${value}`}
          />
          <span>{text(value)}</span>
        </label>
      ))}
    </fieldset>
  )
}
