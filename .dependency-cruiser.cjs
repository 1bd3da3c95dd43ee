/** The architecture as import rules: the check fails where a file imports what its room may not. */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'src-never-imports-worker', severity: 'error', from: { path: '^src' }, to: { path: '^worker' } },
    {
      name: 'worker-imports-only-shared-rooms',
      severity: 'error',
      from: { path: '^worker' },
      to: { path: '^src', pathNot: '^src/(config|crypto|database|errors|money|queue|posting|risk|seal)/' },
    },
    {
      name: 'shared-rooms-know-no-capability',
      severity: 'error',
      from: { path: '^src/(config|crypto|database|errors|money|queue|posting)/' },
      to: { path: '^src', pathNot: '^src/(config|crypto|database|errors|money|queue|posting)/' },
    },
    {
      name: 'product-never-imports-tests',
      severity: 'error',
      from: { path: '^(src|worker|seeds)', pathNot: '\\.spec\\.ts$' },
      to: { path: '^test' },
    },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^(src|worker|migrations|seeds)', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
