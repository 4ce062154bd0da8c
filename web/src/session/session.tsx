/** Who is signed in, and what they may do. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react'
import { ApiError, api } from '@/api/client'
import type { Permission, Phone, Session, User } from '@/api/types'
import { ErrorNote, LoadingNote } from '@/common/states'
import { hasChosenLanguage, useI18n } from '@/i18n'
import { StillTalking } from '@/softphone/still-talking'
import { SignIn } from './sign-in'

export interface SignedIn {
  user: User
  phone: Phone | null
  may(permission: Permission): boolean
  /** Raises ApiError when the server was not reached: then this browser is still signed in. */
  signOut(): Promise<void>
}

const Context = createContext<SignedIn | null>(null)

async function currentSession(): Promise<Session | null> {
  try {
    return await api.session()
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return null
    throw error
  }
}

/** A session that is over already needs no ending. */
export async function endSession(): Promise<void> {
  try {
    await api.signOut()
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error
  }
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const { setLanguage } = useI18n()
  const query = useQuery({
    queryKey: ['session'],
    queryFn: currentSession,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const session = query.data

  useEffect(() => {
    const spoken = session?.user.language
    if (!hasChosenLanguage() && (spoken === 'zh' || spoken === 'en')) setLanguage(spoken)
  }, [session, setLanguage])

  const value = useMemo<SignedIn | null>(
    () =>
      session
        ? {
            user: session.user,
            phone: session.phone,
            may: (permission) => session.user.permissions.includes(permission),
            signOut: async () => {
              await endSession()
              client.setQueryData(['session'], null)
              client.removeQueries({ predicate: (other) => other.queryKey[0] !== 'session' })
            },
          }
        : null,
    [session, client],
  )

  if (query.isPending) return <LoadingNote tall />
  if (query.isError && !session)
    return <ErrorNote error={query.error} retry={() => void query.refetch()} tall />
  if (!value)
    return (
      <>
        <StillTalking />
        <SignIn signedIn={(next) => client.setQueryData(['session'], next)} />
      </>
    )
  return <Context value={value}>{children}</Context>
}

export function useSession(): SignedIn {
  const value = useContext(Context)
  if (!value) throw new Error('useSession stands outside SessionProvider')
  return value
}
