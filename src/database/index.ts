export * from './connection';
export * from './database';
export * from './database-errors';
export * from './time';
