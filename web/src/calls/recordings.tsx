import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Link } from 'react-router'
import { api } from '@/api/client'
import { Panel } from '@/common/panel'
import { ErrorNote, LoadingNote } from '@/common/states'
import { RecordingBadge } from '@/common/word-badge'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'

const Player = lazy(() => import('@/recordings/player'))

export function CallRecordings({ call }: { call: string }) {
  const { t } = useI18n()
  const { may } = useSession()
  const query = { call, limit: 10 }
  const { data, error, isPending } = useQuery({
    queryKey: ['recordings', query],
    queryFn: () => api.recordings(query),
  })
  const mine = data?.items.filter((recording) => recording.call === call) ?? []
  return (
    <Panel title={t('call.recording')} testId="call-recording">
      {isPending ? <LoadingNote /> : null}
      {error && !data ? <ErrorNote error={error} /> : null}
      {data && mine.length === 0 ? <span className="faint">{t('call.recording.none')}</span> : null}
      {may('administer') && mine.length > 0 ? (
        <Link
          className="faint"
          to={`/audit/listening?subject=${encodeURIComponent(call)}`}
          data-testid="who-listened"
        >
          {t('listening.of')}
        </Link>
      ) : null}
      {mine.map((recording) =>
        recording.state === 'stored' ? (
          <Suspense key={recording.id} fallback={<LoadingNote />}>
            <Player recording={recording.id} />
          </Suspense>
        ) : (
          <p key={recording.id} style={{ margin: 0 }}>
            <RecordingBadge state={recording.state} /> <span className="quiet">{recording.reason}</span>
          </p>
        ),
      )}
    </Panel>
  )
}
