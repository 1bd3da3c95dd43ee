export * from './connection';
export * from './database';
export * from './database-errors';
export * from './nullable';
export * from './pool-use';
export * from './time';
