import { Button, Textarea } from '@mantine/core'
import type { ReviewDetail, Scorecard } from '@/api/types'
import { Panel } from '@/common/panel'
import { ResultBadge } from '@/common/word-badge'
import { dayAndTime, timeOfDay } from '@/format'
import { useI18n } from '@/i18n'
import { asked } from './answers'
import classes from './scoring.module.css'
import type { Scoring } from './use-scoring'

interface ScoreBoxProps {
  review: ReviewDetail
  card: Scorecard
  scoring: Scoring
  editable: boolean
}

/** The score as it grows, the overall comment, and the way to save. */
export function ScoreBox({ review, card, scoring, editable }: ScoreBoxProps) {
  const { t, language } = useI18n()
  const all = asked(card, editable ? scoring.draft : review.answers).length
  const done = all - scoring.missing
  const shown = editable ? scoring.preview : review
  const score = shown?.score ?? null
  const waiting =
    scoring.missing > 0
      ? t('score.save.missing', { n: scoring.missing })
      : scoring.unexplained > 0
        ? t('score.save.unexplained', { n: scoring.unexplained })
        : null
  return (
    <Panel testId="score-box">
      <div className={classes['scoreRow']}>
        <span
          className={`${classes['score']} num`}
          data-none={score === null || undefined}
          data-testid="score-preview"
        >
          {score === null ? '–' : score.toFixed(0)}
        </span>
        <div className={classes['scoreWords']}>
          <span className="quiet">{t(editable ? 'score.live' : 'reviews.score')}</span>
          <span>
            {shown?.result ? <ResultBadge result={shown.result} /> : null}{' '}
            <span className="faint">{t('score.passmark', { n: card.pass_mark })}</span>
          </span>
        </div>
      </div>
      <div className={classes['scale']} aria-hidden="true">
        <span style={{ width: `${score ?? 0}%` }} data-result={shown?.result ?? undefined} />
        <i style={{ left: `${card.pass_mark}%` }} />
      </div>
      {editable && scoring.previewFailed ? <p className="faint">{t('score.preview.failed')}</p> : null}
      {editable ? (
        <>
          <Textarea
            mt="sm"
            size="sm"
            label={t('score.overall')}
            placeholder={t('score.overall.hint')}
            autosize
            minRows={2}
            maxRows={6}
            maxLength={4000}
            value={scoring.comment}
            onChange={(event) => scoring.setComment(event.currentTarget.value)}
            data-testid="score-comment"
          />
          <div className={classes['save']}>
            <span className={classes['progress']}>
              <span className="faint num" data-testid="score-progress">
                {scoring.missing === 0 && waiting ? waiting : t('score.progress', { done, all })}
              </span>
              <Kept scoring={scoring} />
            </span>
            <Button
              size="sm"
              loading={scoring.saving}
              disabled={waiting !== null}
              title={waiting ?? undefined}
              onClick={() => void scoring.save()}
              data-testid="score-save"
            >
              {t('score.save')}
            </Button>
          </div>
          {scoring.keeping === 'lost' ? (
            <p role="alert" className={classes['lost']} data-testid="score-lost">
              {t('score.lost')}
            </p>
          ) : null}
          <p className={`${classes['keys']} faint`} title={t('score.keys')}>
            {t('score.keys.help')}
          </p>
        </>
      ) : (
        <div className={classes['readonly']}>
          {review.state === 'open' || review.state === 'eligible' ? (
            <span className="quiet">{t('score.claimfirst')}</span>
          ) : null}
          {review.comment ? <p className={classes['comment']}>{review.comment}</p> : null}
          {review.scored_at ? (
            <span className="faint">
              {review.reviewer} · <span className="num">{dayAndTime(review.scored_at, language)}</span>
            </span>
          ) : null}
        </div>
      )}
    </Panel>
  )
}

function Kept({ scoring: { keeping, keptAt } }: { scoring: Scoring }) {
  const { t } = useI18n()
  if (keeping === 'lost' || (keeping === 'kept' && keptAt === null)) return null
  return (
    <span className="faint" data-testid="score-kept" data-keeping={keeping}>
      {keeping === 'kept' && keptAt !== null
        ? t('score.kept', { time: timeOfDay(keptAt / 1000) })
        : t(keeping === 'failed' ? 'score.notkept' : 'score.keeping')}
    </span>
  )
}
