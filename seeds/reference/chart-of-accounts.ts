/** Kinds of account. The bank has one account of each kind that is not a customer's, in every currency. */
export const CHART_OF_ACCOUNTS = [
  { account_type: 'cash', gl_code: '1000', name: 'Cash', category: 'asset', is_customer: false },
  { account_type: 'card_settlement', gl_code: '1100', name: 'Card settlement and clearing', category: 'asset', is_customer: false },
  { account_type: 'suspense', gl_code: '1900', name: 'Suspense', category: 'asset', is_customer: false },
  { account_type: 'checking', gl_code: '2000', name: 'Customer deposits: checking', category: 'liability', is_customer: true },
  { account_type: 'savings', gl_code: '2100', name: 'Customer deposits: savings', category: 'liability', is_customer: true },
  { account_type: 'wallet', gl_code: '2200', name: 'Customer deposits: wallets', category: 'liability', is_customer: true },
  { account_type: 'equity', gl_code: '3000', name: 'Share capital and reserves', category: 'equity', is_customer: false },
  { account_type: 'fee_income', gl_code: '4000', name: 'Fee income', category: 'income', is_customer: false },
  { account_type: 'interest_income', gl_code: '4100', name: 'Interest income', category: 'income', is_customer: false },
  { account_type: 'interest_expense', gl_code: '5000', name: 'Interest expense', category: 'expense', is_customer: false },
] as const;
