export * from './facts';
export * from './rule-condition';
export * from './rule-reason';
export * from './rule-set';
export * from './seeded-rules';
export * from './verdict';
