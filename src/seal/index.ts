export * from './chain-verifier';
export * from './row-record';
export * from './seal-blocks';
export * from './seal-head';
export * from './seal-key';
export * from './sealed-rows';
export * from './statement';
export * from './verification';
