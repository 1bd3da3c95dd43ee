export * from './post-batch';
export * from './posting-item';
export * from './posting-queue';
export * from './reference';
