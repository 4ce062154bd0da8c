/** Accounts, users and the audit log at the server's door. */
import { get, post, type Query, request } from './client'
import type { components } from './generated'
import type { Page } from './types'

type Schemas = components['schemas']
export type SessionLine = Schemas['SessionLineView']
export type Token = Schemas['TokenView']
export type NewToken = Schemas['NewTokenView']
export type SecondFactor = Schemas['NewSecondFactor']
export type Account = Schemas['AccountView']
export type Accounts = Schemas['AccountsView']
export type AuditLine = Schemas['AuditLineView']
export type Chain = Schemas['ChainView']
export type NewAccount = Partial<Schemas['NewAccount']>
export type AccountForm = Schemas['AccountForm']

const at = encodeURIComponent
const remove = (path: string) => request<void>('DELETE', path)

export const accessApi = {
  ways: () => get<Schemas['WaysView']>('/session/ways'),

  changePassword: (current: string, next: string) => post<void>('/account/password', { current, new: next }),
  secondFactor: () => get<Schemas['SecondFactorView']>('/account/second-factor'),
  beginSecondFactor: () => post<SecondFactor>('/account/second-factor'),
  confirmSecondFactor: (code: string, password: string) =>
    post<Schemas['RecoveryCodes']>('/account/second-factor/confirm', { code, password }),
  endSecondFactor: (password: string) => post<void>('/account/second-factor/end', { password }),
  sessions: () => get<Page<SessionLine>>('/account/sessions'),
  endSession: (id: string) => remove(`/account/sessions/${at(id)}`),
  endOtherSessions: () => remove('/account/sessions'),
  tokens: () => get<Page<Token>>('/account/tokens'),
  addToken: (name: string, scopes: string[], days: number | null, password: string) =>
    post<NewToken>('/account/tokens', { name, scopes, days, password }),
  revokeToken: (id: string) => remove(`/account/tokens/${at(id)}`),

  users: () => get<Accounts>('/users'),
  addUser: (form: NewAccount) => post<Account>('/users', form),
  changeUser: (id: string, form: Partial<AccountForm>) => request<Account>('PATCH', `/users/${at(id)}`, form),
  endUserSessions: (id: string) => remove(`/users/${at(id)}/sessions`),
  userTokens: (id: string) => get<Page<Token>>(`/users/${at(id)}/tokens`),
  revokeUserToken: (id: string, token: string) => remove(`/users/${at(id)}/tokens/${at(token)}`),
  takeSecondFactor: (id: string) => remove(`/users/${at(id)}/second-factor`),

  auditChain: () => get<Chain>('/audit/chain'),
  audit: (query: Query) => get<Page<AuditLine>>('/audit', query),
}
