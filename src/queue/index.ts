export * from './redis';
export * from './scoring-queue';
