export * from './bank-error';
export * from './error-codes';
