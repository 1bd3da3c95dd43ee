interface ErrorDefinition {
  /** HTTP status the code is answered with. */
  status: number;
  title: string;
  /** Whether the same request may succeed later without being changed. */
  retryable: boolean;
  /** For docs/errors.md: when it happens and what to do. */
  help: string;
}

const define = (status: number, title: string, help: string, retryable = false): ErrorDefinition => ({
  status,
  title,
  retryable,
  help,
});

/** Every error code of the API, its HTTP status and its meaning. docs/errors.md is generated from this table. */
export const ERRORS = {
  VALIDATION_FAILED: define(
    400,
    'The request is not valid',
    'A field is missing or malformed; `errors` names each one.',
  ),
  MALFORMED_JSON: define(
    400,
    'The body is not valid JSON',
    'Send a JSON object with Content-Type application/json.',
  ),
  INVALID_CURSOR: define(
    400,
    'The cursor is not valid',
    'Use next_cursor as it came, with the same filters, or start without one.',
  ),
  INVALID_AMOUNT: define(
    400,
    'The amount is not valid',
    'Send a positive decimal with no more decimals than the currency has, at most 1,000,000,000,000 minor units.',
  ),
  INVALID_IDEMPOTENCY_KEY: define(
    400,
    'The Idempotency-Key is not valid',
    'Send 1 to 255 visible characters.',
  ),
  UNAUTHENTICATED: define(401, 'Log in first', 'Send a valid access token as Authorization: Bearer …'),
  TOKEN_EXPIRED: define(401, 'The access token has expired', 'Get a new one from POST /auth/refresh.'),
  INVALID_CREDENTIALS: define(
    401,
    'Username or password is wrong',
    'The answer is the same whether or not the user exists.',
  ),
  INVALID_REFRESH_TOKEN: define(
    401,
    'The refresh token is not valid',
    'Log in again. Using a rotated token again revokes all that descend from the same login, save for a repeat within seconds.',
  ),
  FORBIDDEN: define(403, 'Not allowed', 'Your role does not have the permission this operation needs.'),
  PIN_REQUIRED: define(
    403,
    'The PIN is needed',
    'You have set a PIN and the amount reaches the limit: send pin with the request.',
  ),
  PIN_INVALID: define(403, 'The PIN is wrong', 'Five wrong PINs lock for a growing time.'),
  PASSWORD_INVALID: define(403, 'The password is wrong', 'This change needs your current password.'),
  TOTP_REQUIRED: define(
    403,
    'A one-time code is needed',
    'You have a second factor: send totp_code, or one of your recovery codes as recovery_code, with the same request.',
  ),
  TOTP_INVALID: define(
    403,
    'The code is wrong',
    'Each code is good once, for about a minute: wait for the next one, and check the clock of your phone. Five wrong ones lock for a growing time.',
  ),
  SECOND_FACTOR_REQUIRED: define(
    403,
    'Your role needs a second factor',
    'Enrol one with POST /auth/totp and POST /auth/totp/confirm; who has one gives its code to POST /auth/step-up. Until then nothing else is open.',
  ),
  STEP_UP_REQUIRED: define(
    403,
    'Prove again who you are',
    'This act needs a fresh proof: send your one-time code, or your password if you have no second factor, to POST /auth/step-up, and repeat the request with the new access token.',
  ),
  NOT_FOUND: define(404, 'Not found', 'No such route or resource, or it is not yours.'),
  ACCOUNT_NOT_FOUND: define(404, 'No such account', 'The account does not exist or is not yours.'),
  TRANSACTION_NOT_FOUND: define(
    404,
    'No such transaction',
    'The transaction does not exist or is not yours.',
  ),
  HOLD_NOT_FOUND: define(404, 'No such hold', 'The hold does not exist or is not yours.'),
  SESSION_NOT_FOUND: define(404, 'No such session', 'The user has no session with this id.'),
  USER_NOT_FOUND: define(404, 'No such user', 'No user has this id.'),
  RULE_NOT_FOUND: define(404, 'No such rule', 'No rule of the fraud engine has this id.'),
  RISK_MODEL_NOT_FOUND: define(404, 'No such model', 'No version of the risk model has this number.'),
  LIST_ENTRY_NOT_FOUND: define(404, 'No such list entry', 'No entry of the lists has this id.'),
  SUBJECT_NOT_FOUND: define(
    404,
    'No such subject',
    'No account of a customer, user, merchant or card has the id that a list should name.',
  ),
  ALERT_NOT_FOUND: define(404, 'No such alert', 'No alert has this id.'),
  CASE_NOT_FOUND: define(404, 'No such case', 'No case has this id.'),
  APPROVAL_NOT_FOUND: define(404, 'No such request for approval', 'No request for approval has this id.'),
  CUSTOMER_LIMITS_NOT_FOUND: define(
    404,
    'No such limits',
    'No limits are kept for this role and KYC status.',
  ),
  USERNAME_TAKEN: define(409, 'The username is taken', 'Choose another one.'),
  EMAIL_TAKEN: define(409, 'The e-mail address is in use', 'Log in, or use another address.'),
  TOTP_NOT_PENDING: define(
    409,
    'No enrolment is under way',
    'Begin one with POST /auth/totp, and send its first code within 15 minutes.',
  ),
  TOTP_NOT_ENROLLED: define(409, 'There is no second factor', 'The user has not enrolled one.'),
  ACCOUNT_NOT_EMPTY: define(
    409,
    'The account is not empty',
    'Bring balance and holds to zero before closing it.',
  ),
  TOO_MANY_ACCOUNTS: define(
    409,
    'Too many accounts',
    'A user has at most 50 open accounts. An administrator can close those that are empty.',
  ),
  LAST_ADMINISTRATOR: define(
    409,
    'The last administrator must stay',
    'Make another user administrator first.',
  ),
  APPROVAL_OWN: define(
    409,
    'Someone else must decide',
    'Neither who asked nor whom it is about approves or rejects it. Who asked may cancel it.',
  ),
  APPROVAL_DECIDED: define(409, 'It was decided already', 'A decision on a request for approval is final.'),
  APPROVAL_EXPIRED: define(409, 'The request for approval has expired', 'Ask for it anew.'),
  APPROVAL_REQUESTER_GONE: define(
    409,
    'Who asked may not do this any more',
    'Reject the request; someone who may do it asks anew.',
  ),
  APPROVAL_REQUIRED: define(
    422,
    'This needs the approval of a second person',
    'A batch cannot ask for it: send the item named in `detail` to its own route.',
  ),
  ALERT_CLOSED: define(409, 'The alert was decided already', 'A decision on an alert is final.'),
  CASE_CLOSED: define(
    409,
    'The case is closed',
    'A closed case is not changed any more. New alerts of the customer open a new one.',
  ),
  VERSION_CONFLICT: define(
    409,
    'Someone else changed it in the meantime',
    'Read it again, and repeat the change with its new version if it still makes sense.',
  ),
  PERIOD_ALREADY_CLOSED: define(
    409,
    'The period is closed already',
    'The books are closed to this date or a later one.',
  ),
  RULE_NAME_TAKEN: define(409, 'A rule has this name', 'Choose another one, or change that rule.'),
  RULE_CHANGED: define(
    409,
    'The rule was changed by somebody else',
    'Read it again, look at what changed, and send its new revision.',
  ),
  RULE_PROTECTED: define(
    409,
    'The rule is protected',
    'The rule of the block-list stays as it is and in force: remove entries of the list in its place.',
  ),
  RULE_STATUS_NOT_ALLOWED: define(
    409,
    'A rule does not become a draft again',
    'Disable it, or run it in shadow.',
  ),
  RULE_NOT_ACTIVE: define(
    409,
    'The rule is not in force',
    'Only a rule in force has a version in shadow beside it: change the rule itself, and its status.',
  ),
  RULE_HAS_NO_SHADOW: define(
    409,
    'No version of the rule runs in shadow beside it',
    'It was published or dropped in the meantime, or there never was one.',
  ),
  RISK_MODEL_REFUSED: define(
    409,
    'The model was refused',
    'It cannot be used, or raised too many or too few alerts in shadow; state_reason says which. Choose another version, or train one.',
  ),
  RISK_MODEL_TOO_LITTLE_HISTORY: define(
    409,
    'There is too little to learn from',
    'A model is trained from 1,000 posted transactions on. Until then rules judge alone.',
  ),
  LIST_ENTRY_EXISTS: define(
    409,
    'The subject is on the list already',
    'Remove that entry first, if it should end at another time.',
  ),
  PAYLOAD_TOO_LARGE: define(413, 'The body is too large', 'Send less at once.'),
  UNSUPPORTED_MEDIA_TYPE: define(415, 'Unsupported media type', 'Send application/json.'),
  IDEMPOTENCY_KEY_REUSED: define(
    422,
    'The Idempotency-Key was used for another request',
    'Use a new key for a new request.',
  ),
  SAME_ACCOUNT: define(
    422,
    'Sender and receiver are the same account',
    'Name two different accounts. The request is malformed, and is not remembered under its key.',
  ),
  OWN_AFFAIR: define(
    403,
    'Nobody decides about their own affairs',
    'The alert, the case or the entry is about you or an account of yours: somebody else must act.',
  ),
  NOT_AN_ANALYST: define(
    422,
    'This user works on no cases',
    'Assign a case to an active analyst or administrator.',
  ),
  UNKNOWN_CURRENCY: define(
    422,
    'The bank keeps no books in this currency',
    'GET /currencies lists those it does.',
  ),
  UNKNOWN_ACCOUNT_TYPE: define(422, 'No such account type', 'Use savings, checking or wallet.'),
  INVALID_ACCOUNT_NUMBER: define(422, 'The account number is mistyped', 'Its check digits do not fit.'),
  ACCOUNT_FROZEN: define(422, 'The account is frozen', 'An administrator must unfreeze it.'),
  ACCOUNT_CLOSED: define(422, 'The account is closed', 'Use another account.'),
  BLOCKED: define(
    422,
    'The bank cannot carry this out; please contact us',
    'The bank gives no reason. The decline is remembered under its key.',
  ),
  ACCOUNT_UNDER_REVIEW: define(
    422,
    'The bank cannot carry this out for now; please contact us',
    'Money still comes in. The decline is remembered under its key: try again with a new one later.',
  ),
  RISK_DECLINED: define(
    422,
    'The bank cannot carry this out; please contact us',
    'The bank gives no reason. The decline is remembered under its key.',
  ),
  DECLINED_BY_BANK: define(
    422,
    'The bank cannot carry this out; please contact us',
    'What customers are told in place of BLOCKED, RISK_DECLINED and ACCOUNT_UNDER_REVIEW. The decline is remembered under its key: try again with a new one later.',
  ),
  CURRENCY_MISMATCH: define(
    422,
    'The accounts have different currencies',
    "Both sides of a posting are in one currency. Where `currency` was sent and is not the account's, the request is malformed, and is not remembered under its key.",
  ),
  INSUFFICIENT_FUNDS: define(
    422,
    'Not enough money on the account',
    'The available balance does not cover the amount. The decline is remembered under its key: try again with a new one.',
  ),
  LIMIT_PER_TRANSACTION: define(
    422,
    'More than your limit for one transaction',
    '`detail` and `limit` tell the limit. The decline is remembered under its key.',
  ),
  LIMIT_PER_DAY: define(
    422,
    'More than is left of your limit for today',
    '`detail` and `limit` tell the limit and what is left until midnight UTC. The decline is remembered under its key: try again with a new one.',
  ),
  LIMIT_PER_COUNTERPARTY: define(
    422,
    'More than is left of your limit for this receiver today',
    '`detail` and `limit` tell the limit and what is left until midnight UTC. The decline is remembered under its key: try again with a new one.',
  ),
  EFFECTIVE_IN_FUTURE: define(422, 'effective_at lies in the future', 'Send a time up to now.'),
  PERIOD_CLOSED: define(
    422,
    'The accounting period is closed',
    'Nothing can be back-dated into closed books.',
  ),
  PERIOD_IN_FUTURE: define(
    422,
    'The period has not ended',
    'Books can be closed up to ten minutes ago, so that postings under way fall into the open period.',
  ),
  HOLD_UNDER_REVIEW: define(
    409,
    'An open alert keeps this hold',
    'Release or confirm the alert in its place.',
  ),
  HOLD_NOT_ACTIVE: define(422, 'The hold is not active', 'It was captured, voided, or has expired.'),
  HOLD_NOT_EXPIRED: define(422, 'The hold has not expired', 'Void it instead.'),
  CAPTURE_EXCEEDS_HOLD: define(422, 'The capture is larger than the hold', 'Capture at most what is held.'),
  NOT_REVERSIBLE: define(
    422,
    'This transaction cannot be reversed',
    'A reversal is not reversed itself: post the movement again.',
  ),
  ALREADY_REVERSED: define(422, 'The transaction was reversed already', 'A transaction is reversed once.'),
  JOURNAL_UNBALANCED: define(422, 'The journal does not balance', 'Debits and credits must be equal.'),
  INVALID_ITEM: define(422, 'The item cannot be posted', 'It is not of the form that its type needs.'),
  EXTERNALLY_DECLINED: define(
    422,
    'Declined elsewhere',
    'The card network or the source of the data refused it.',
  ),
  LINKED_FAILED: define(
    422,
    'Another item of the linked request was declined',
    'Nothing of the request was posted.',
  ),
  NOT_ENOUGH_HISTORY: define(
    422,
    'There is too little history for a prediction',
    'Come back when the account has three months of movements.',
  ),
  USER_LOCKED: define(
    423,
    'Locked for a while',
    'Too many wrong passwords, PINs or codes: wait for the time in Retry-After. Usernames that nobody has lock in the same way.',
    true,
  ),
  RATE_LIMITED: define(429, 'Too many requests', 'Wait for the time in Retry-After.', true),
  INTERNAL: define(
    500,
    'Something went wrong',
    'Not your fault. Quote the request_id; a repeat with the same Idempotency-Key is safe.',
    true,
  ),
  TOO_MANY_LOGINS: define(
    503,
    'Too many passwords to check',
    'More people log in than the server can check at once. Try again after the time in Retry-After.',
    true,
  ),
  SECOND_FACTOR_UNAVAILABLE: define(
    503,
    'Second factors are not set up',
    'The operator of the bank must set DATA_KEYS.',
  ),
  QUEUE_FULL: define(
    503,
    'The bank is busy',
    'Nothing was posted. Repeat with the same Idempotency-Key after the time in Retry-After.',
    true,
  ),
  JUDGEMENT_UNAVAILABLE: define(
    503,
    'Large amounts cannot be checked right now',
    'Nothing was posted. Repeat with the same Idempotency-Key after the time in Retry-After.',
    true,
  ),
  BACKTEST_BUSY: define(
    503,
    'Another backtest is running',
    'One runs at a time in a server, at most 20 seconds. Try again after the time in Retry-After.',
    true,
  ),
  DATABASE_UNAVAILABLE: define(
    503,
    'The database cannot be reached',
    'Repeat with the same Idempotency-Key.',
    true,
  ),
  SHUTTING_DOWN: define(503, 'The server is stopping', 'Repeat with the same Idempotency-Key.', true),
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERRORS;

export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(ERRORS, value);
}
