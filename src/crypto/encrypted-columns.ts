/** A column that holds ciphertexts of the keyring. Names, never input. */
export interface EncryptedColumn {
  table: string;
  id: string;
  column: string;
  /** What a ciphertext of the row with this id is bound to. */
  place: (id: string) => string;
}

/** What a user's one-time secret is bound to, whether it waits for its first code or counts. */
export const totpPlace = (userId: string) => `user_totp.secret:${userId}`;

/** Every column under DATA_KEYS: `npm run keys:reencrypt` goes through them. */
export const ENCRYPTED_COLUMNS: readonly EncryptedColumn[] = [
  { table: 'user_totp', id: 'user_id', column: 'secret', place: totpPlace },
  { table: 'user_totp', id: 'user_id', column: 'pending_secret', place: totpPlace },
];
