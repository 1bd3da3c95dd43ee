export * from './case-feed';
export * from './prejudgement';
export * from './redis';
export * from './scoring-queue';
