import { CreateCurrencies1764000001000 } from './0001-create-currencies';
import { CreateBankSettings1764000002000 } from './0002-create-bank-settings';
import { CreateUsers1764000003000 } from './0003-create-users';
import { CreateUserCredentials1764000004000 } from './0004-create-user-credentials';
import { CreateCustomerProfiles1764000005000 } from './0005-create-customer-profiles';
import { CreateChartOfAccounts1764000006000 } from './0006-create-chart-of-accounts';
import { CreateAccounts1764000007000 } from './0007-create-accounts';
import { CreateMccCodes1764000008000 } from './0008-create-mcc-codes';
import { CreateMerchants1764000009000 } from './0009-create-merchants';
import { CreateCards1764000010000 } from './0010-create-cards';
import { CreateTransactions1764000011000 } from './0011-create-transactions';
import { CreateLedgerEntries1764000012000 } from './0012-create-ledger-entries';
import { CreateHolds1764000013000 } from './0013-create-holds';
import { CreateHoldEvents1764000014000 } from './0014-create-hold-events';
import { CreateReversals1764000015000 } from './0015-create-reversals';
import { CreateIdempotencyKeys1764000016000 } from './0016-create-idempotency-keys';
import { CreateDeclinedTransactions1764000017000 } from './0017-create-declined-transactions';
import { CreateOutbox1764000018000 } from './0018-create-outbox';
import { CreateRiskModels1764000019000 } from './0019-create-risk-models';
import { CreateTransactionRiskScores1764000020000 } from './0020-create-transaction-risk-scores';
import { CreateFraudLabels1764000021000 } from './0021-create-fraud-labels';
import { CreateSystemAuditLogs1764000022000 } from './0022-create-system-audit-logs';
import { CreateLoginActivity1764000023000 } from './0023-create-login-activity';
import { CreateRefreshTokens1764000024000 } from './0024-create-refresh-tokens';
import { CreateWorkerState1764000025000 } from './0025-create-worker-state';
import { CreateDatabaseObjects1764000026000 } from './0026-create-database-objects';
import { CreateLedgerProofs1764000027000 } from './0027-create-ledger-proofs';
import { CreateRiskRules1764000031000 } from './0031-create-risk-rules';
import { CreateRiskRuleVersions1764000032000 } from './0032-create-risk-rule-versions';
import { CreateRiskListEntries1764000033000 } from './0033-create-risk-list-entries';
import { CreateSanctionsNames1764000034000 } from './0034-create-sanctions-names';
import { CreateRiskRevisions1764000035000 } from './0035-create-risk-revisions';
import { AddAccountsDebitBlock1764000036000 } from './0036-add-accounts-debit-block';
import { ExplainRiskScores1764000037000 } from './0037-explain-risk-scores';
import { CreateFraudCases1764000038000 } from './0038-create-fraud-cases';
import { CreateAlerts1764000039000 } from './0039-create-alerts';
import { CreateCaseEvents1764000040000 } from './0040-create-case-events';
import { CreateCaseTransactions1764000041000 } from './0041-create-case-transactions';
import { CreateAccountBalanceMarks1764000042000 } from './0042-create-account-balance-marks';
import { CreateAccountBalanceCoverage1764000043000 } from './0043-create-account-balance-coverage';
import { CreateAccountProfiles1764000044000 } from './0044-create-account-profiles';
import { CreateMerchantActivity1764000045000 } from './0045-create-merchant-activity';
import { IndexFraudLabels1764000046000 } from './0046-index-fraud-labels';
import { KeepRulesOfDeclines1764000047000 } from './0047-keep-rules-of-declines';
import { CountBlockedParties1764000048000 } from './0048-count-blocked-parties';
import { MarkBlockedAccounts1764000049000 } from './0049-mark-blocked-accounts';
import { GiveRiskModelsStates1764000050000 } from './0050-give-risk-models-states';
import { DropRiskModelsIsActive1764000051000 } from './0051-drop-risk-models-is-active';
import { ShortenRiskScores1764000052000 } from './0052-shorten-risk-scores';
import { AlertDeclinedAttempts1764000055000 } from './0055-alert-declined-attempts';
import { IndexAlertQueues1764000056000 } from './0056-index-alert-queues';
import { ShadowRuleVersions1764000057000 } from './0057-shadow-rule-versions';
import { CountMerchantsByWeek1764000060000 } from './0060-count-merchants-by-week';
import { VelocityOfTenMinutes1764000061000 } from './0061-velocity-of-ten-minutes';
import { CreateSealBlocks1764000063000 } from './0063-create-seal-blocks';
import { CreateSealKeys1764000064000 } from './0064-create-seal-keys';
import { CreateAuthSessions1764000067000 } from './0067-create-auth-sessions';
import { FillAuthSessions1764000068000 } from './0068-fill-auth-sessions';
import { SeedRefreshSuccessors1764000069000 } from './0069-seed-refresh-successors';
import { CreateUserTotp1764000070000 } from './0070-create-user-totp';
import { CreateRecoveryCodes1764000071000 } from './0071-create-recovery-codes';
import { CreateLoginDecoys1764000072000 } from './0072-create-login-decoys';
import { CreateCustomerLimits1764000073000 } from './0073-create-customer-limits';
import { CreateLimitUsage1764000074000 } from './0074-create-limit-usage';
import { CreateLimitDeclines1764000075000 } from './0075-create-limit-declines';
import { GiveCurrenciesWorth1764000076000 } from './0076-give-currencies-worth';
import { AddAccountsLimitClass1764000077000 } from './0077-add-accounts-limit-class';
import { CreateApprovalRequests1764000078000 } from './0078-create-approval-requests';
import { CreateApprovalEvents1764000079000 } from './0079-create-approval-events';
import { ReviewShortReceivers1764000080000 } from './0080-review-short-receivers';

/** Every migration, in the order in which they are applied. */
export const migrations = [
  CreateCurrencies1764000001000,
  CreateBankSettings1764000002000,
  CreateUsers1764000003000,
  CreateUserCredentials1764000004000,
  CreateCustomerProfiles1764000005000,
  CreateChartOfAccounts1764000006000,
  CreateAccounts1764000007000,
  CreateMccCodes1764000008000,
  CreateMerchants1764000009000,
  CreateCards1764000010000,
  CreateTransactions1764000011000,
  CreateLedgerEntries1764000012000,
  CreateHolds1764000013000,
  CreateHoldEvents1764000014000,
  CreateReversals1764000015000,
  CreateIdempotencyKeys1764000016000,
  CreateDeclinedTransactions1764000017000,
  CreateOutbox1764000018000,
  CreateRiskModels1764000019000,
  CreateTransactionRiskScores1764000020000,
  CreateFraudLabels1764000021000,
  CreateSystemAuditLogs1764000022000,
  CreateLoginActivity1764000023000,
  CreateRefreshTokens1764000024000,
  CreateWorkerState1764000025000,
  CreateDatabaseObjects1764000026000,
  CreateLedgerProofs1764000027000,
  CreateRiskRules1764000031000,
  CreateRiskRuleVersions1764000032000,
  CreateRiskListEntries1764000033000,
  CreateSanctionsNames1764000034000,
  CreateRiskRevisions1764000035000,
  AddAccountsDebitBlock1764000036000,
  ExplainRiskScores1764000037000,
  CreateFraudCases1764000038000,
  CreateAlerts1764000039000,
  CreateCaseEvents1764000040000,
  CreateCaseTransactions1764000041000,
  CreateAccountBalanceMarks1764000042000,
  CreateAccountBalanceCoverage1764000043000,
  CreateAccountProfiles1764000044000,
  CreateMerchantActivity1764000045000,
  IndexFraudLabels1764000046000,
  KeepRulesOfDeclines1764000047000,
  CountBlockedParties1764000048000,
  MarkBlockedAccounts1764000049000,
  GiveRiskModelsStates1764000050000,
  DropRiskModelsIsActive1764000051000,
  ShortenRiskScores1764000052000,
  AlertDeclinedAttempts1764000055000,
  IndexAlertQueues1764000056000,
  ShadowRuleVersions1764000057000,
  CountMerchantsByWeek1764000060000,
  VelocityOfTenMinutes1764000061000,
  CreateSealBlocks1764000063000,
  CreateSealKeys1764000064000,
  CreateAuthSessions1764000067000,
  FillAuthSessions1764000068000,
  SeedRefreshSuccessors1764000069000,
  CreateUserTotp1764000070000,
  CreateRecoveryCodes1764000071000,
  CreateLoginDecoys1764000072000,
  CreateCustomerLimits1764000073000,
  CreateLimitUsage1764000074000,
  CreateLimitDeclines1764000075000,
  GiveCurrenciesWorth1764000076000,
  AddAccountsLimitClass1764000077000,
  CreateApprovalRequests1764000078000,
  CreateApprovalEvents1764000079000,
  ReviewShortReceivers1764000080000,
];
