/** How the holder of an access token proved who they are, and in which session. */
export interface Authentication {
  /** auth_sessions.session_id; null for tokens that were made without a session. */
  session_id: string | null;
  /** Unix time of the login or step-up, in seconds. */
  authenticated_at_s: number;
  /** Whether a one-time or recovery code was given in this session. */
  has_second_factor: boolean;
}

/** A token that says nothing of it: never fresh, one factor. */
export const UNSAID: Authentication = { session_id: null, authenticated_at_s: 0, has_second_factor: false };
