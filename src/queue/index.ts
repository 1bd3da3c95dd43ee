export * from './case-feed';
export * from './redis';
export * from './scoring-queue';
