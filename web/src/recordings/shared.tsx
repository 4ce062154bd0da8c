import { useQuery } from '@tanstack/react-query'
import { Navigate, useParams } from 'react-router'
import { api } from '@/api/client'
import { BackLink } from '@/common/back-link'
import { ErrorNote, LoadingNote } from '@/common/states'
import { useI18n } from '@/i18n'

/** Where a link leads: to the recording, or to a sentence that says why not. */
export default function SharedPage() {
  const { secret = '' } = useParams()
  const { t } = useI18n()
  const { data, error } = useQuery({
    queryKey: ['shared', secret],
    queryFn: () => api.shared(secret),
    retry: false,
  })
  if (data) {
    const moment = data.at_seconds === null ? '' : `?t=${data.at_seconds}`
    return <Navigate to={`/recordings/${encodeURIComponent(data.recording)}${moment}`} replace />
  }
  if (!error) return <LoadingNote tall />
  return (
    <>
      <BackLink to="/recordings">{t('recordings.title')}</BackLink>
      <ErrorNote error={error} tall />
    </>
  )
}
