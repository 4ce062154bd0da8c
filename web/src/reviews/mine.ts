import type { Review, User } from '@/api/types'

/** A reviewer may be named by id, login or name. */
export function isMine(review: Review, user: User): boolean {
  return review.reviewer !== null && [user.id, user.login, user.name].includes(review.reviewer)
}
